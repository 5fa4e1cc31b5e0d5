/** The port by which waiting requests hear that a key has changed, with an adapter in memory. */
@NullMarked
package dev.precast.cache.event;

import org.jspecify.annotations.NullMarked;
