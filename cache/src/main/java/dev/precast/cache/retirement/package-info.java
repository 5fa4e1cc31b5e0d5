/** Removes artifacts and lanes that are no longer used. */
@NullMarked
package dev.precast.cache.retirement;

import org.jspecify.annotations.NullMarked;
