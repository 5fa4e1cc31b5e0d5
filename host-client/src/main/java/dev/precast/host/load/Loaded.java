package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import java.time.Instant;

/**
 * A module in memory.
 *
 * @param <M> the engine's own type of a loaded module
 */
public sealed interface Loaded<M> {
    M module();

    /**
     * A module from an artifact.
     *
     * @param payload digest of the payload
     * @param envelope the attestation's DSSE envelope
     * @param under version of the policy at the last verification
     * @param verifiedAt time of the last verification
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Artifact<M>(M module, ArtifactKey key, Digest payload, byte[] envelope, long under, Instant verifiedAt)
            implements Loaded<M> {}

    /**
     * A module that this host made from wasm bytes.
     *
     * @param askAgainAt when to look for an artifact again; {@link Instant#MAX} for never
     */
    record Local<M>(M module, Instant askAgainAt) implements Loaded<M> {}
}
