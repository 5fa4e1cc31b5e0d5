/** End-to-end tests, and the rules that hold for all modules together. */
@NullMarked
package dev.precast.test;

import org.jspecify.annotations.NullMarked;
