/** A fleet on loopback: NATS, S3 and nodes of the packaged server, each a process. */
@NullMarked
package dev.precast.testkit.fleet;

import org.jspecify.annotations.NullMarked;
