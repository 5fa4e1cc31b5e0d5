/** The library for hosts: finds, verifies, stores and loads artifacts. Never fails because of the cache. */
@NullMarked
package dev.precast.host;

import org.jspecify.annotations.NullMarked;
