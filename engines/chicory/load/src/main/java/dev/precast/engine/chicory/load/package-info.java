/** The load side of the Chicory engine. */
@NullMarked
package dev.precast.engine.chicory.load;

import org.jspecify.annotations.NullMarked;
