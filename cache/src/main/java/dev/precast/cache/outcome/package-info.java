/** Outcomes of compilations without an artifact, their limits, and their signed form. */
@NullMarked
package dev.precast.cache.outcome;

import org.jspecify.annotations.NullMarked;
