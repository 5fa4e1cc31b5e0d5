/** Loads a module by its digest from memory, disk or the sources, and finds the lanes that load in this process. */
@NullMarked
package dev.precast.host.load;

import org.jspecify.annotations.NullMarked;
