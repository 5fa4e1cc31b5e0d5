package dev.precast.attestation;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.json.JsonException;
import java.time.InstantSource;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Decides whether an envelope proves that an artifact exists, under the policy of this moment.
 *
 * <p>Thread safe.
 */
public final class AttestationVerifier {
    private final Supplier<TrustPolicy> policy;
    private final InstantSource clock;

    /** @param policy the current policy, already opened by its root */
    public AttestationVerifier(Supplier<TrustPolicy> policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Checks, in this order: size, envelope, signature by a key of the policy, statement, equality with what was
     * asked for, the key's scope, the policy.
     *
     * @param envelope the envelope's JSON
     * @param asked the artifact that is wanted
     * @param verifiedBefore whether this host verified it while the policy was in force, so that the policy's grace
     *     applies
     * @throws RefusedException naming the first check that failed
     */
    public Attestation verify(byte[] envelope, ArtifactKey asked, boolean verifiedBefore) throws RefusedException {
        return verify(envelope, asked::equals, asked.toString(), verifiedBefore);
    }

    /**
     * The same for who knows the artifact by its key digest only.
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
            throw new RefusedException(Check.KEY, "asked for " + what + ", attested is " + attestation.key());
        }
        signed.by().requireInScope(attestation.builder(), attestation.key().lane(), clock.instant());
        current.requireInForce(clock.instant(), verifiedBefore);
        current.requireAllowed(attestation);
        return attestation;
    }

    /**
     * The payload of another kind of envelope about a key, such as a rejection.
     *
     * @param envelope the envelope's JSON
     * @param payloadType the media type it must have
     * @throws RefusedException if no key that is trusted for the engine and target signed it, or the policy expired
     */
    public byte[] open(byte[] envelope, String payloadType, ArtifactKey about) throws RefusedException {
        TrustPolicy current = policy.get();
        Signed signed = open(envelope, payloadType, current);
        signed.by().requireInScope(signed.by().builder(), about.lane(), clock.instant());
        current.requireInForce(clock.instant(), false);
        return signed.payload();
    }

    /** @throws RefusedException if the current policy denies the digest, {@code what} names it in the message */
    public void requireNotDenied(String what, Digest digest) throws RefusedException {
        policy.get().requireNotDenied(what, digest);
    }

    private static Signed open(byte[] envelope, String payloadType, TrustPolicy policy) throws RefusedException {
        if (envelope.length > Envelope.MAX_BYTES) {
            throw new RefusedException(
                    Check.SIZE, "envelope: at most " + Envelope.MAX_BYTES + " bytes, found " + envelope.length);
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
                    Check.SIGNATURE, "policy " + policy.version() + " trusts no key " + parsed.keyId());
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
