package dev.precast.attestation;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a deployment trusts and for what. Signed by an offline root key; see {@link TrustRoot}.
 *
 * @param version 1 to 2^53-1; a reader never goes back to a lower one
 * @param issuedAt when the root signed it
 * @param expiresAt from here on nothing new is trusted
 * @param grace how long after the expiry what was verified before may go on, at most 365 days
 * @param keys the keys that may sign, with their scopes
 * @param floors the lowest engine accepted, at most one per engine name; no floor means any
 * @param deniedDigests packs, payloads and modules that are never accepted
 * @param extraMembers runtime members beyond the bundle format's own that classes may refer to, {@code
 *     owner.name:descriptor}
 */
public record TrustPolicy(
        long version,
        Instant issuedAt,
        Instant expiresAt,
        Duration grace,
        List<TrustedKey> keys,
        List<EngineId> floors,
        Set<Digest> deniedDigests,
        Set<String> extraMembers) {
    /** Media type of a policy inside its envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.precast.trust-policy.v1+json";

    private static final Duration MAX_GRACE = Duration.ofDays(365);
    private static final Instant MAX_TIME = Instant.ofEpochSecond(253_402_300_799L);

    /**
     * Cuts times to the second, as they are written.
     *
     * @throws IllegalArgumentException if a part is out of range, or two keys or floors have one name
     */
    public TrustPolicy {
        issuedAt = issuedAt.truncatedTo(ChronoUnit.SECONDS);
        expiresAt = expiresAt.truncatedTo(ChronoUnit.SECONDS);
        grace = grace.truncatedTo(ChronoUnit.SECONDS);
        keys = List.copyOf(keys);
        floors = List.copyOf(floors);
        deniedDigests = Set.copyOf(deniedDigests);
        extraMembers = Set.copyOf(extraMembers);
        if (version < 1) {
            throw new IllegalArgumentException("policy version: expected at least 1, found " + version);
        }
        if (!expiresAt.isAfter(issuedAt)) {
            throw new IllegalArgumentException("policy: expires at " + expiresAt + ", not after " + issuedAt);
        }
        if (expiresAt.isAfter(MAX_TIME)) {
            throw new IllegalArgumentException("policy: expires at " + expiresAt + ", after " + MAX_TIME);
        }
        if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
            throw new IllegalArgumentException("policy grace: expected 0 to 365 days, found " + grace);
        }
        Set<Digest> keyIds = new HashSet<>();
        for (TrustedKey key : keys) {
            if (!keyIds.add(key.key().id())) {
                throw new IllegalArgumentException("policy keys: a key stands there twice");
            }
        }
        Set<String> floorNames = new HashSet<>();
        for (EngineId floor : floors) {
            if (!floorNames.add(floor.name())) {
                throw new IllegalArgumentException("policy floors: an engine stands there twice");
            }
        }
    }

    /** The key of that digest, or null if the policy names none. */
    @Nullable
    TrustedKey find(Digest keyId) {
        for (TrustedKey key : keys) {
            if (key.key().id().equals(keyId)) {
                return key;
            }
        }
        return null;
    }

    /** Signs this policy with the root key. */
    public Envelope sign(SigningKey root) {
        return Envelope.sign(PAYLOAD_TYPE, PolicyJson.toJson(this), root);
    }

    /**
     * Whether anything may be trusted by this policy now.
     *
     * @param verifiedBefore whether the artifact was verified while the policy was in force
     * @throws RefusedException if the policy is expired, and past its grace for what was verified before
     */
    public void requireInForce(Instant now, boolean verifiedBefore) throws RefusedException {
        Instant end = verifiedBefore ? expiresAt.plus(grace) : expiresAt;
        if (!now.isBefore(end)) {
            throw new RefusedException(Check.POLICY, "policy " + version + " expired at " + end + ", it is " + now);
        }
    }

    /**
     * Whether an artifact of that key may be allowed at all: who is asked for one need not make it in vain.
     *
     * @throws RefusedException if the engine is below its floor, or the module is denied
     */
    public void requireAllowed(ArtifactKey key) throws RefusedException {
        EngineId engine = key.lane().engine();
        for (EngineId floor : floors) {
            if (floor.name().equals(engine.name()) && engine.compareTo(floor) < 0) {
                throw new RefusedException(Check.POLICY, "engine " + engine + " is below the floor " + floor);
            }
        }
        requireNotDenied("module", key.module().digest());
    }

    /** @throws RefusedException if engine, pack, payload or module of the attestation is not allowed */
    void requireAllowed(Attestation a) throws RefusedException {
        requireAllowed(a.key());
        requireNotDenied("pack", a.pack());
        requireNotDenied("payload", a.payload().digest());
    }

    /** @throws RefusedException if the digest is denied */
    void requireNotDenied(String what, Digest digest) throws RefusedException {
        if (deniedDigests.contains(digest)) {
            throw new RefusedException(Check.POLICY, what + " " + digest + " is denied");
        }
    }
}
