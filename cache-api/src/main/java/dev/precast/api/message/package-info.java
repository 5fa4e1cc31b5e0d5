/** Endpoints that answer NATS messages, with the same JSON as the REST resources. */
@NullMarked
package dev.precast.api.message;

import org.jspecify.annotations.NullMarked;
