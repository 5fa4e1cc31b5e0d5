/** The trust policy of a host. */
@NullMarked
package dev.precast.host.trust;

import org.jspecify.annotations.NullMarked;
