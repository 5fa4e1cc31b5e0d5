/** The load side of Wasmtime for JVM hosts: verified files, mapped by Wasmtime itself. */
@NullMarked
package dev.precast.engine.wasmtime.load;

import org.jspecify.annotations.NullMarked;
