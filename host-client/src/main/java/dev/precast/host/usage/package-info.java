/** Reports of what a host loads. */
@NullMarked
package dev.precast.host.usage;

import org.jspecify.annotations.NullMarked;
