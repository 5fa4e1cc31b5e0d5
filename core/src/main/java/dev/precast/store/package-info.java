/** Ports of the shared store, and their in-memory and filesystem adapters. */
@NullMarked
package dev.precast.store;

import org.jspecify.annotations.NullMarked;
