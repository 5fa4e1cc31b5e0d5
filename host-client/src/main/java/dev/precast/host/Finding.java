package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.protocol.KeyState;

/**
 * What a source says of a module. None of it is verified.
 *
 * @param key the module in the first lane that the source was asked for, unless it is present in a later one
 */
public record Finding(ArtifactKey key, KeyState state) {}
