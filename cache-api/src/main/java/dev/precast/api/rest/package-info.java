/** REST: thin resources over the services, and the one place where results become status codes. */
@NullMarked
package dev.precast.api.rest;

import org.jspecify.annotations.NullMarked;
