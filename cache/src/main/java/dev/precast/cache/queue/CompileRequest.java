package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;

/**
 * A request to compile one artifact. The module is in the module store; workers know the config of their lanes.
 *
 * @param key the key of the artifact
 * @param priority hot or warm
 */
public record CompileRequest(ArtifactKey key, Priority priority) {}
