/** Authentication by tokens, and roles. */
@NullMarked
package dev.precast.api.auth;

import org.jspecify.annotations.NullMarked;
