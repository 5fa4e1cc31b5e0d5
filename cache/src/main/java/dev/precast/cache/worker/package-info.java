/** Offers and heartbeats of workers, and the port for heartbeats. */
@NullMarked
package dev.precast.cache.worker;

import org.jspecify.annotations.NullMarked;
