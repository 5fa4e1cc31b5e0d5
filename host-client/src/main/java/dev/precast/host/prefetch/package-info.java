/** Downloads of artifacts before they are loaded. */
@NullMarked
package dev.precast.host.prefetch;

import org.jspecify.annotations.NullMarked;
