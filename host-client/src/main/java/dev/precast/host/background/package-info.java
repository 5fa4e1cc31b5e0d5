/** Daemon threads for the background work of a host. */
@NullMarked
package dev.precast.host.background;

import org.jspecify.annotations.NullMarked;
