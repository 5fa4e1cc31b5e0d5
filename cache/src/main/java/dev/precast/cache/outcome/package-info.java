/** How compilations end that make no artifact, under which limits, and the signed form of that. */
@NullMarked
package dev.precast.cache.outcome;

import org.jspecify.annotations.NullMarked;
