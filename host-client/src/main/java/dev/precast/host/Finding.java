package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.protocol.KeyState;

/**
 * A source's answer about a module. Nothing in it is verified.
 *
 * @param key the module in the first requested lane, or in the first lane that has the artifact
 */
public record Finding(ArtifactKey key, KeyState state) {}
