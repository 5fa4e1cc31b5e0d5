/** The worker that runs engine packs in child processes, signs and publishes. */
@NullMarked
package dev.precast.precompiler;

import org.jspecify.annotations.NullMarked;
