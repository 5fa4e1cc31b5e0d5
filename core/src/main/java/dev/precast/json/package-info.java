/** Strict JSON with integers only, and its canonical form (RFC 8785). */
@NullMarked
package dev.precast.json;

import org.jspecify.annotations.NullMarked;
