/**
 * Wasmtime's C API from Java: configuration, engines, compiled code, WASI commands. Written by hand after the headers of
 * Wasmtime 48.0.0 ({@code crates/c-api/include}); what is called of them is the same in 50.0.1.
 */
@NullMarked
package dev.precast.engine.wasmtime.capi;

import org.jspecify.annotations.NullMarked;
