/** What a host embeds: finds, verifies, keeps and loads artifacts, and never fails because of the cache. */
@NullMarked
package dev.precast.host;

import org.jspecify.annotations.NullMarked;
