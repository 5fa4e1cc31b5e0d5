/** The port for events about keys, with an adapter in memory. */
@NullMarked
package dev.precast.cache.event;

import org.jspecify.annotations.NullMarked;
