/** The modules that tests and benchmarks run on, real and odd, and what is called in each. */
@NullMarked
package dev.precast.testkit.corpus;

import org.jspecify.annotations.NullMarked;
