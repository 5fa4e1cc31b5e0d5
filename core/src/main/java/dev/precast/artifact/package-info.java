/** Identifiers: digests, engines, lanes and the artifact key with its canonical form. */
@NullMarked
package dev.precast.artifact;

import org.jspecify.annotations.NullMarked;
