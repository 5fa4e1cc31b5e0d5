/** The port for requests that arrive as messages. */
@NullMarked
package dev.precast.cache.message;

import org.jspecify.annotations.NullMarked;
