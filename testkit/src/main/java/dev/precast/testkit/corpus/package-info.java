/** Real and unusual modules for tests and benchmarks, with exercises. */
@NullMarked
package dev.precast.testkit.corpus;

import org.jspecify.annotations.NullMarked;
