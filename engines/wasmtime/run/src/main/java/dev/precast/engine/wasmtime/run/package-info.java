/** Wasmtime for programs that find engines by name: the load side with a library of the user or of the build, and WASI. */
@NullMarked
package dev.precast.engine.wasmtime.run;

import org.jspecify.annotations.NullMarked;
