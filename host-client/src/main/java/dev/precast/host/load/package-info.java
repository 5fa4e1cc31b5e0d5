/** From a module's digest to a loaded module: memory, disk, sources, and the lanes that load here. */
@NullMarked
package dev.precast.host.load;

import org.jspecify.annotations.NullMarked;
