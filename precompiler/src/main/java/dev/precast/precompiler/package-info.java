/** The worker: engine packs, child processes with limits, and the signing of their output. */
@NullMarked
package dev.precast.precompiler;

import org.jspecify.annotations.NullMarked;
