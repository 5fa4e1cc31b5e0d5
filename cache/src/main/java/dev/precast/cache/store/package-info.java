/** Ports for content and documents, with adapters in memory and on a file system, and what is kept in them. */
@NullMarked
package dev.precast.cache.store;

import org.jspecify.annotations.NullMarked;
