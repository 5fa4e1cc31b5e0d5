/** The JSON of requests and answers, for REST and NATS. */
@NullMarked
package dev.precast.api.json;

import org.jspecify.annotations.NullMarked;
