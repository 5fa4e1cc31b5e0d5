/** Listeners that hosts get without writing one. */
@NullMarked
package dev.precast.host.listener;

import org.jspecify.annotations.NullMarked;
