package dev.precast.cache.event;

import dev.precast.artifact.ArtifactKey;

/**
 * A change of a key. An event is a hint: receivers read the store.
 *
 * @param key the artifact
 * @param kind what happened
 */
public record CompileEvent(ArtifactKey key, Kind kind) {
    /** What happened. */
    public enum Kind {
        COMPILED,
        REJECTED,
        FAILED
    }
}
