/** The fleet's queue, leases and dead letters on JetStream; events, announcements and the micro service on NATS. */
@NullMarked
package dev.precast.nats;

import org.jspecify.annotations.NullMarked;
