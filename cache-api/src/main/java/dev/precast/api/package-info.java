/** The REST resources. */
@NullMarked
package dev.precast.api;

import org.jspecify.annotations.NullMarked;
