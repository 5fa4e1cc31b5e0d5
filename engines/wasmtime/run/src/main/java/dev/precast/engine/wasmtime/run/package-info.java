/**
 * Wasmtime for programs that find engines by name: the load side, with the user's native library or the one that the
 * build fetched, and running a WASI command.
 */
@NullMarked
package dev.precast.engine.wasmtime.run;

import org.jspecify.annotations.NullMarked;
