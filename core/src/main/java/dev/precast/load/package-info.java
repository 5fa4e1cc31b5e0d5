/** What the load side of an engine implements and a host calls. */
@NullMarked
package dev.precast.load;

import org.jspecify.annotations.NullMarked;
