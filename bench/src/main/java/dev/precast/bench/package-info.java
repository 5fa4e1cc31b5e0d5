/** Benchmarks: time to first call, compilations, fleets and lookups. */
@NullMarked
package dev.precast.bench;

import org.jspecify.annotations.NullMarked;
