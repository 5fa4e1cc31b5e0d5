/** Endpoints for messages: the JSON of REST without HTTP. */
@NullMarked
package dev.precast.api.message;

import org.jspecify.annotations.NullMarked;
