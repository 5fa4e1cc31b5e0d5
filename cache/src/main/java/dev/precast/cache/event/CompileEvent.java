package dev.precast.cache.event;

import dev.precast.artifact.ArtifactKey;

/**
 * A change of a key's state. An event is a hint: receivers read the new state from the store.
 *
 * @param key the key of the artifact
 * @param kind what happened
 */
public record CompileEvent(ArtifactKey key, Kind kind) {
    /** What happened. */
    public enum Kind {
        COMPILED,
        REJECTED,
        FAILED,
        /** The artifact was retired, lost or found unusable. */
        WITHDRAWN
    }
}
