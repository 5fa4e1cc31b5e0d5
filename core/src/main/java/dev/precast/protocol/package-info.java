/** The wire protocol's paths, JSON forms, states and problem codes. No other code spells them. */
@NullMarked
package dev.precast.protocol;

import org.jspecify.annotations.NullMarked;
