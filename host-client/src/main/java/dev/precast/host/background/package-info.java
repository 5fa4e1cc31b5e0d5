/** Daemon threads of a host. */
@NullMarked
package dev.precast.host.background;

import org.jspecify.annotations.NullMarked;
