package dev.precast.load;

import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An artifact whose attestation verified, and the payload that must be what it says.
 *
 * @param attestation verified under the host's policy
 * @param payload not verified
 * @param extraMembers runtime members that the signed policy adds to the format's allow-list, {@code
 *     owner.name:descriptor}
 * @param incompatible told in the engine's words, at any time and by any thread, when what was loaded of it cannot be
 *     instantiated in this host: too little memory, an import that is missing. The artifact is good then
 */
public record VerifiedArtifact(
        Attestation attestation, Payload payload, Set<String> extraMembers, Consumer<String> incompatible) {
    public VerifiedArtifact {
        extraMembers = Set.copyOf(extraMembers);
    }

    /** For who does not want to hear that it cannot be instantiated. */
    public VerifiedArtifact(Attestation attestation, Payload payload, Set<String> extraMembers) {
        this(attestation, payload, extraMembers, why -> {});
    }
}
