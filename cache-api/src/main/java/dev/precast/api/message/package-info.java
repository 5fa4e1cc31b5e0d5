/** Endpoints for requests by message, with the JSON of REST. */
@NullMarked
package dev.precast.api.message;

import org.jspecify.annotations.NullMarked;
