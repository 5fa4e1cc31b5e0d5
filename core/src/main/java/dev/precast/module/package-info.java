/** What can be read off a module, and off what Wasmtime made of one, without compiling or loading it. */
@NullMarked
package dev.precast.module;

import org.jspecify.annotations.NullMarked;
