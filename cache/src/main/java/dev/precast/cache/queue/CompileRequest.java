package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;

/**
 * Asks for one artifact. The module is in the module store; the lane's config is known to whoever offers the lane.
 *
 * @param key the artifact
 * @param priority hot or warm
 */
public record CompileRequest(ArtifactKey key, Priority priority) {}
