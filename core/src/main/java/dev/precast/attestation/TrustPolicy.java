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
 * The keys that a deployment trusts, with their scopes, and the engine versions and digests that it refuses. Signed by
 * an offline root key; see {@link TrustRoot}.
 *
 * @param version 1 to 2^53-1; a reader refuses a version below the highest that it has seen
 * @param issuedAt when the root signed the policy
 * @param expiresAt from this time on, new artifacts are refused
 * @param grace how long after the expiry a host still accepts artifacts that it verified before the expiry, 0 to 365
 *     days
 * @param keys the keys that may sign, with their scopes
 * @param floors the lowest accepted version and revision for each engine name; if an engine has no floor, all its
 *     versions are accepted
 * @param deniedDigests digests of packs, payloads and modules that are refused
 * @param extraMembers members of runtime classes, {@code owner.name:descriptor}, that the classes of a bundle may refer
 *     to in addition to the bundle format's list
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

    /**
     * Truncates times to whole seconds, as the JSON form contains them.
     *
     * @throws IllegalArgumentException if a part is out of range, or a key or a floor's engine name appears twice
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
            throw new IllegalArgumentException("policy: expires at " + expiresAt + ", but was issued at " + issuedAt);
        }
        if (expiresAt.isAfter(Times.MAX)) {
            throw new IllegalArgumentException("policy: expires at " + expiresAt + ", later than " + Times.MAX);
        }
        if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
            throw new IllegalArgumentException("policy grace: expected 0 to 365 days, found " + grace);
        }
        Set<Digest> keyIds = new HashSet<>();
        for (TrustedKey key : keys) {
            if (!keyIds.add(key.key().id())) {
                throw new IllegalArgumentException(
                        "policy keys: key " + key.key().id() + " appears twice");
            }
        }
        Set<String> floorNames = new HashSet<>();
        for (EngineId floor : floors) {
            if (!floorNames.add(floor.name())) {
                throw new IllegalArgumentException("policy floors: engine " + floor.name() + " appears twice");
            }
        }
    }

    /** The key with this digest; null if the policy does not contain it. */
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
     * Requires that the policy has not expired.
     *
     * @param verifiedBefore whether the artifact was verified before the policy expired
     * @throws RefusedException if the policy has expired; with {@code verifiedBefore}, only if its grace has passed too
     */
    public void requireInForce(Instant now, boolean verifiedBefore) throws RefusedException {
        Instant end = verifiedBefore ? expiresAt.plus(grace) : expiresAt;
        if (!now.isBefore(end)) {
            throw new RefusedException(
                    Check.POLICY,
                    "policy " + version + " expired at " + expiresAt
                            + (verifiedBefore ? ", and its grace ended at " + end : "") + "; now is " + now);
        }
    }

    /**
     * Requires that the policy allows artifacts of this key. Callers use this to avoid a useless compilation.
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
