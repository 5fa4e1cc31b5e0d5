/**
 * The library for hosts: finds, verifies, stores and loads artifacts. A failure of the cache is a miss, not an
 * exception.
 */
@NullMarked
package dev.precast.host;

import org.jspecify.annotations.NullMarked;
