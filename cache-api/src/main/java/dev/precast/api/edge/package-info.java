/** The edge: a read-through cache of another Precast service, near its hosts. */
@NullMarked
package dev.precast.api.edge;

import org.jspecify.annotations.NullMarked;
