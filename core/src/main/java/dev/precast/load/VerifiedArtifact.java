package dev.precast.load;

import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An artifact with a verified attestation and a payload that is still to be verified.
 *
 * @param attestation verified under the host's policy
 * @param payload not verified
 * @param extraMembers runtime members, {@code owner.name:descriptor}, that the signed policy adds to the format's
 *     allow-list
 * @param incompatible called with the engine's message when this host cannot instantiate the loaded module, for lack of
 *     memory or of an import; the artifact is valid. Called at any time, by any thread
 */
public record VerifiedArtifact(
        Attestation attestation, Payload payload, Set<String> extraMembers, Consumer<String> incompatible) {
    public VerifiedArtifact {
        extraMembers = Set.copyOf(extraMembers);
    }

    /** An artifact that ignores calls of {@link #incompatible}. */
    public VerifiedArtifact(Attestation attestation, Payload payload, Set<String> extraMembers) {
        this(attestation, payload, extraMembers, why -> {});
    }
}
