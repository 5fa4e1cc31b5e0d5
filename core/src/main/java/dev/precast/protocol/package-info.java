/** The words of the wire protocol: paths, JSON forms, states and problem codes. Each is spelled here and nowhere else. */
@NullMarked
package dev.precast.protocol;

import org.jspecify.annotations.NullMarked;
