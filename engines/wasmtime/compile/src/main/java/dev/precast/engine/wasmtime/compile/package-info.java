/** The compile side of the Wasmtime engine: runs in a child process, where Wasmtime may abort. */
@NullMarked
package dev.precast.engine.wasmtime.compile;

import org.jspecify.annotations.NullMarked;
