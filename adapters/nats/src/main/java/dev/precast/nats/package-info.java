/** Queue, leases and dead letters on JetStream; events, heartbeats and the micro service on NATS. */
@NullMarked
package dev.precast.nats;

import org.jspecify.annotations.NullMarked;
