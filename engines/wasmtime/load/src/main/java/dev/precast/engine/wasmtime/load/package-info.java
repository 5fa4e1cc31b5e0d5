/** The load side of Wasmtime for JVM hosts. Wasmtime maps the verified files. */
@NullMarked
package dev.precast.engine.wasmtime.load;

import org.jspecify.annotations.NullMarked;
