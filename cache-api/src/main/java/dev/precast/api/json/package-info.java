/** The JSON of the wire protocol: what front doors read and write, whatever carries it. */
@NullMarked
package dev.precast.api.json;

import org.jspecify.annotations.NullMarked;
