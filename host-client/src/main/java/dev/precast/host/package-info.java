/** What a host embeds to load artifacts. */
@NullMarked
package dev.precast.host;

import org.jspecify.annotations.NullMarked;
