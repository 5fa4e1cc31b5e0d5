/** The wire protocol's paths, JSON forms, states and problem codes. */
@NullMarked
package dev.precast.protocol;

import org.jspecify.annotations.NullMarked;
