package dev.precast.host;

import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * A trust policy as a source offers it, not verified yet.
 *
 * @param envelope the signed policy; must not be changed
 * @param proof the source's proof that the policy is current, as JSON; empty if the source has none
 */
@SuppressWarnings("ArrayRecordComponent")
public record OfferedPolicy(byte[] envelope, Optional<byte[]> proof) {
    /** The policy that a source offers; empty if the source has none. */
    public static Optional<OfferedPolicy> of(ArtifactSource source) throws IOException {
        // First the proof: if the policy is replaced in between, the proof is about an older one, and still valid.
        Optional<byte[]> proof = source.current();
        return source.trust().map(envelope -> new OfferedPolicy(envelope, proof));
    }

    /**
     * A verified policy.
     *
     * @param proven whether the proof shows that the policy is current
     */
    public record Opened(TrustPolicy policy, boolean proven) {}

    /**
     * Verifies the policy, and its proof if it is in force.
     *
     * @param lowestSeen the highest version that the caller has seen before, or 0 if there is none
     * @param freshness whether the proof is demanded if the caller has seen no version before
     * @param now the time by the caller's clock
     * @throws RefusedException if the root did not sign the policy, its version is lower, the proof is about a newer
     *     policy, or a demanded proof is missing
     */
    public Opened open(TrustRoot root, long lowestSeen, Freshness freshness, Instant now) throws RefusedException {
        TrustPolicy policy = root.open(envelope, lowestSeen);
        FreshnessProof.Verified verified = null;
        String why = "the source has no proof";
        try {
            if (proof.isPresent()) {
                FreshnessProof.Verified shown =
                        FreshnessProof.parse(proof.get()).verify(root, 0);
                shown.requireInForce(now);
                verified = shown;
            }
        } catch (RefusedException e) {
            why = e.detail();
        }
        if (verified == null && freshness.demands(root, lowestSeen > 0)) {
            throw Freshness.unproven(policy, why);
        }
        if (verified != null) {
            verified.requireCurrent(envelope, policy);
        }
        return new Opened(policy, verified != null);
    }
}
