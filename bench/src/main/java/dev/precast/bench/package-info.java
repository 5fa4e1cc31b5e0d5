/** Benchmarks. */
@NullMarked
package dev.precast.bench;

import org.jspecify.annotations.NullMarked;
