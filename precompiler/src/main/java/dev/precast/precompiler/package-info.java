/** The worker: engine packs, children that compile under limits, and what becomes of their output. */
@NullMarked
package dev.precast.precompiler;

import org.jspecify.annotations.NullMarked;
