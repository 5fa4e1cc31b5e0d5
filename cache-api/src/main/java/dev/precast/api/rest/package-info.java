/** REST resources: call the services and map their results to status codes. */
@NullMarked
package dev.precast.api.rest;

import org.jspecify.annotations.NullMarked;
