package dev.precast.attestation;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.json.JsonException;
import java.time.InstantSource;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Verifies that an envelope proves the existence of an artifact, under the current policy.
 *
 * <p>Thread safe.
 */
public final class AttestationVerifier {
    private final Supplier<TrustPolicy> policy;
    private final InstantSource clock;

    /** @param policy supplies the current policy, already verified with the root's key */
    public AttestationVerifier(Supplier<TrustPolicy> policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Checks, in this order: size, envelope, signature by a key of the policy, statement, equality with the requested
     * key, the signing key's scope, the policy.
     *
     * @param envelope the envelope's JSON
     * @param asked the key of the requested artifact
     * @param verifiedBefore whether this host verified the artifact before the policy expired; if so, the policy's
     *     grace applies
     * @throws RefusedException naming the first check that failed
     */
    public Attestation verify(byte[] envelope, ArtifactKey asked, boolean verifiedBefore) throws RefusedException {
        return verify(envelope, asked::equals, asked.toString(), verifiedBefore);
    }

    /**
     * Like {@link #verify(byte[], ArtifactKey, boolean)}, with the digest of the requested artifact key.
     *
     * @throws RefusedException naming the first check that failed
     */
    public Attestation verify(byte[] envelope, Digest askedKey, boolean verifiedBefore) throws RefusedException {
        return verify(envelope, key -> key.digest().equals(askedKey), "key " + askedKey, verifiedBefore);
    }

    private Attestation verify(byte[] envelope, Predicate<ArtifactKey> asked, String what, boolean verifiedBefore)
            throws RefusedException {
        TrustPolicy current = policy.get();
        Signed signed = open(envelope, Attestation.PAYLOAD_TYPE, current);
        Attestation attestation = Statement.fromJson(signed.payload());
        if (!asked.test(attestation.key())) {
            throw new RefusedException(
                    Check.KEY,
                    "attestation of another artifact (expected " + what + ", found " + attestation.key() + ")");
        }
        signed.by().requireInScope(attestation.builder(), attestation.key().lane(), clock.instant());
        current.requireInForce(clock.instant(), verifiedBefore);
        current.requireAllowed(attestation);
        return attestation;
    }

    /**
     * Verifies another kind of envelope about a key, such as a rejection, and returns its payload.
     *
     * @param envelope the envelope's JSON
     * @param payloadType the expected media type of the payload
     * @throws RefusedException if the envelope is not signed by a key that is trusted for the engine and target, or the
     *     policy has expired
     */
    public byte[] open(byte[] envelope, String payloadType, ArtifactKey about) throws RefusedException {
        TrustPolicy current = policy.get();
        Signed signed = open(envelope, payloadType, current);
        signed.by().requireInScope(signed.by().builder(), about.lane(), clock.instant());
        current.requireInForce(clock.instant(), false);
        return signed.payload();
    }

    /** @throws RefusedException if the current policy denies the digest; the message starts with {@code what} */
    public void requireNotDenied(String what, Digest digest) throws RefusedException {
        policy.get().requireNotDenied(what, digest);
    }

    private static Signed open(byte[] envelope, String payloadType, TrustPolicy policy) throws RefusedException {
        if (envelope.length > Envelope.MAX_BYTES) {
            throw new RefusedException(
                    Check.SIZE,
                    "envelope: too large (expected at most " + Envelope.MAX_BYTES + " bytes, found " + envelope.length
                            + ")");
        }
        Envelope parsed;
        try {
            parsed = Envelope.parse(envelope);
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, e.getMessage());
        }
        TrustedKey by = policy.find(parsed.keyId());
        if (by == null) {
            throw new RefusedException(
                    Check.SIGNATURE, "made by key " + parsed.keyId() + ", which is not in policy " + policy.version());
        }
        byte[] payload = parsed.open(by.key());
        if (!parsed.payloadType().equals(payloadType)) {
            throw new RefusedException(
                    Check.STATEMENT, "payload type: expected " + payloadType + ", found " + parsed.payloadType());
        }
        return new Signed(payload, by);
    }

    private record Signed(byte[] payload, TrustedKey by) {}
}
