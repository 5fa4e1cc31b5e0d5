/**
 * Wasmtime's C API from Java: configuration, engines, compiled code, WASI commands. Written by hand from the headers of
 * Wasmtime 48.0.0 ({@code crates/c-api/include}); the used functions are the same in 50.0.1.
 */
@NullMarked
package dev.precast.engine.wasmtime.capi;

import org.jspecify.annotations.NullMarked;
