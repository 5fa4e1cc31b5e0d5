package dev.precast.load;

import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An artifact whose attestation is verified and whose payload is not verified yet.
 *
 * @param attestation the attestation, verified under the host's policy
 * @param payload the payload, not verified
 * @param extraMembers runtime members, {@code owner.name:descriptor}, that the signed policy adds to the format's
 *     allow-list
 * @param incompatible receives the engine's message if this host cannot instantiate the loaded module because memory or
 *     an import is missing, although the artifact is valid; any thread may call it at any time
 * @param broken receives the reason if a part of the loaded module fails a check at its first use; any thread may call it
 *     at any time, also several times. It returns quickly
 */
public record VerifiedArtifact(
        Attestation attestation,
        Payload payload,
        Set<String> extraMembers,
        Consumer<String> incompatible,
        Consumer<RefusedException> broken) {
    public VerifiedArtifact {
        extraMembers = Set.copyOf(extraMembers);
    }

    /** An artifact whose {@link #incompatible} and {@link #broken} do nothing. */
    public VerifiedArtifact(Attestation attestation, Payload payload, Set<String> extraMembers) {
        this(attestation, payload, extraMembers, why -> {}, why -> {});
    }
}
