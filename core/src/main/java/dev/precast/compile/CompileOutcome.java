package dev.precast.compile;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.json.JsonObject;
import java.time.Instant;

/** How a compilation ended. */
public sealed interface CompileOutcome {
    /** The artifact. */
    ArtifactKey key();

    /** @param attestation what was published */
    record Compiled(Attestation attestation) implements CompileOutcome {
        @Override
        public ArtifactKey key() {
            return attestation.key();
        }
    }

    /**
     * The module's fault: invalid, unsupported, or over a static cap. True for that pack and those caps, for ever.
     *
     * @param key the artifact that there will not be
     * @param pack digest of the pack that refused
     * @param caps the static caps in force, by name
     * @param code short and stable, such as {@code invalid-module}
     * @param message for people
     * @param at when
     */
    record Rejected(ArtifactKey key, Digest pack, JsonObject caps, String code, String message, Instant at)
            implements CompileOutcome {}

    /**
     * Time, memory, output or a crash. True until {@code retryAt}, and void where higher limits are offered.
     *
     * @param key the artifact that there is not yet
     * @param pack digest of the pack that was run
     * @param cause what ran out
     * @param message for people
     * @param limits the limits in force
     * @param attempts child starts so far for this key, at least 1
     * @param at when
     * @param retryAt when a child may be started again
     */
    record Failed(
            ArtifactKey key,
            Digest pack,
            Cause cause,
            String message,
            Limits limits,
            int attempts,
            Instant at,
            Instant retryAt)
            implements CompileOutcome {}

    /** What ran out. */
    enum Cause {
        TIME,
        MEMORY,
        OUTPUT,
        CRASH
    }
}
