/** What hosts report that they load. */
@NullMarked
package dev.precast.cache.usage;

import org.jspecify.annotations.NullMarked;
