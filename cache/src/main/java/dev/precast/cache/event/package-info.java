/** The port for events that keys have changed, with an adapter in memory. */
@NullMarked
package dev.precast.cache.event;

import org.jspecify.annotations.NullMarked;
