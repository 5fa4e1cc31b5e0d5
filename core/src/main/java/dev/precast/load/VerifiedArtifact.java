package dev.precast.load;

import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import java.util.Set;

/**
 * An artifact whose attestation verified, and the payload that must be what it says.
 *
 * @param attestation verified under the host's policy
 * @param payload not verified
 * @param extraMembers runtime members that the signed policy adds to the format's allow-list, {@code
 *     owner.name:descriptor}
 */
public record VerifiedArtifact(Attestation attestation, Payload payload, Set<String> extraMembers) {
    public VerifiedArtifact {
        extraMembers = Set.copyOf(extraMembers);
    }
}
