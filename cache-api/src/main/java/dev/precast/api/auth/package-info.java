/** Who may do what: roles, and the tokens that carry them. */
@NullMarked
package dev.precast.api.auth;

import org.jspecify.annotations.NullMarked;
