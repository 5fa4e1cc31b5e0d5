/** A fleet on loopback: NATS, S3 and nodes of the packaged server, in separate processes. */
@NullMarked
package dev.precast.testkit.fleet;

import org.jspecify.annotations.NullMarked;
