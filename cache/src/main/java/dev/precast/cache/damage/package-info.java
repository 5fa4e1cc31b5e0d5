/** Damaged payloads: how they are noticed, rebuilt or deleted. */
@NullMarked
package dev.precast.cache.damage;

import org.jspecify.annotations.NullMarked;
