/** Interfaces that an engine's load side implements and a host calls. */
@NullMarked
package dev.precast.load;

import org.jspecify.annotations.NullMarked;
