/** Reads the structure of modules, components and Wasmtime's serialized files, without compiling or loading them. */
@NullMarked
package dev.precast.module;

import org.jspecify.annotations.NullMarked;
