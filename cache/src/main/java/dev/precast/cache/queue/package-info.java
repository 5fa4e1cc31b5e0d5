/** The port of the work queue and of dead letters, with adapters in memory. */
@NullMarked
package dev.precast.cache.queue;

import org.jspecify.annotations.NullMarked;
