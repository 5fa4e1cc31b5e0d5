/** The wire protocol's paths, JSON forms, states and problem codes. No other code contains them as literals. */
@NullMarked
package dev.precast.protocol;

import org.jspecify.annotations.NullMarked;
