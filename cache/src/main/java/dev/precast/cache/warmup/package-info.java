/** Warm-ups: many modules compiled ahead of need. */
@NullMarked
package dev.precast.cache.warmup;

import org.jspecify.annotations.NullMarked;
