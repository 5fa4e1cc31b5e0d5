/** The modules that tests and benchmarks run on, real and odd, and what is called in each. */
@NullMarked
package dev.precast.bench.corpus;

import org.jspecify.annotations.NullMarked;
