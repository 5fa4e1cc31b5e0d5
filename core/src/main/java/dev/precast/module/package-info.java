/** What can be read off wasm bytes without compiling them: sizes and counts that static caps look at. */
@NullMarked
package dev.precast.module;

import org.jspecify.annotations.NullMarked;
