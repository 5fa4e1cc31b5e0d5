/** The compile side of the Chicory engine: runs in a child process. */
@NullMarked
package dev.precast.engine.chicory.compile;

import org.jspecify.annotations.NullMarked;
