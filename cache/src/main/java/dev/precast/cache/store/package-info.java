/**
 * Ports for content and documents, adapters in memory and on a file system, and the classes that read and write single
 * kinds of documents.
 */
@NullMarked
package dev.precast.cache.store;

import org.jspecify.annotations.NullMarked;
