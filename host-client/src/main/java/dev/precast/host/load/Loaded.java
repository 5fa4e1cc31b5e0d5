package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import java.time.Instant;

/**
 * A module that stands in memory.
 *
 * @param <M> the engine's own type of a loaded module
 */
public sealed interface Loaded<M> {
    M module();

    /**
     * From an artifact.
     *
     * @param envelope of its attestation
     * @param under version of the policy that it was last verified under
     * @param verifiedAt when that was
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Artifact<M>(M module, ArtifactKey key, byte[] envelope, long under, Instant verifiedAt)
            implements Loaded<M> {}

    /**
     * Made here from wasm bytes, until there is an artifact.
     *
     * @param askAgainAt when to look for an artifact again; {@link Instant#MAX} if never
     */
    record Local<M>(M module, Instant askAgainAt) implements Loaded<M> {}
}
