/**
 * Wasmtime for programs that find engines by name: the load side, with the user's native library or the build's, and
 * WASI commands.
 */
@NullMarked
package dev.precast.engine.wasmtime.run;

import org.jspecify.annotations.NullMarked;
