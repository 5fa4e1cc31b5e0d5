/** The JSON of the wire protocol: what the endpoints read and write, by REST and by NATS. */
@NullMarked
package dev.precast.api.json;

import org.jspecify.annotations.NullMarked;
