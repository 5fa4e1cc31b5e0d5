package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.protocol.KeyState;

/**
 * A source's answer about a module. Nothing in it is verified.
 *
 * @param key the module's key in the first requested lane that has an artifact; if none has one, in the first requested
 *     lane
 */
public record Finding(ArtifactKey key, KeyState state) {}
