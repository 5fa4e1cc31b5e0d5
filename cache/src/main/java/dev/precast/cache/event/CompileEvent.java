package dev.precast.cache.event;

import dev.precast.artifact.ArtifactKey;

/**
 * Says that something happened to a key. A hint: whoever hears it looks at the store.
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
