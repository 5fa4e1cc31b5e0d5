/** Chicory for programs that find engines by name: the load side, and running a WASI command. */
@NullMarked
package dev.precast.engine.chicory.run;

import org.jspecify.annotations.NullMarked;
