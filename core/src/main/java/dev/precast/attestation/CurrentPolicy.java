package dev.precast.attestation;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Set;

/**
 * A short-lived statement of the online key that a trust policy is the current one. See
 * {@code docs/artifact-format.md}.
 *
 * @param version version of the policy, 1 to 2^53-1
 * @param policy SHA-256 of the policy's payload bytes, which tells two policies with the same version apart
 * @param issuedAt when the online key signed the statement
 * @param expiresAt from this time on, the statement proves nothing; at most {@link #MAX_LIFE} after {@code issuedAt}
 */
public record CurrentPolicy(long version, Digest policy, Instant issuedAt, Instant expiresAt) {
    /** Media type of a statement inside its envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.precast.current-policy.v1+json";

    /** Longest life of a statement. */
    public static final Duration MAX_LIFE = Duration.ofDays(7);

    private static final String WHAT = "statement of the current policy";
    private static final Set<String> MEMBERS = Set.of("version", "policy", "issuedAt", "expiresAt");

    /**
     * Truncates times to whole seconds, as the JSON form contains them.
     *
     * @throws IllegalArgumentException if the version or the life is out of range
     */
    public CurrentPolicy {
        issuedAt = issuedAt.truncatedTo(ChronoUnit.SECONDS);
        expiresAt = expiresAt.truncatedTo(ChronoUnit.SECONDS);
        if (version < 1 || version > Json.MAX_INT) {
            throw new IllegalArgumentException(WHAT + ": expected a version from 1 to 2^53-1, found " + version);
        }
        Validity.require(WHAT, issuedAt, expiresAt, MAX_LIFE);
    }

    /**
     * A statement about a policy.
     *
     * @param envelope the policy's envelope as JSON
     * @param life life of the statement, 1 s to {@link #MAX_LIFE}
     * @throws RefusedException if the root did not sign the policy
     */
    public static CurrentPolicy about(byte[] envelope, TrustRoot root, Instant now, Duration life)
            throws RefusedException {
        long version = root.open(envelope, 0).version();
        Instant from = now.truncatedTo(ChronoUnit.SECONDS);
        return new CurrentPolicy(version, digestOf(envelope), from, from.plus(life));
    }

    /** SHA-256 of the payload bytes of a policy's envelope. Does not verify the signature. */
    static Digest digestOf(byte[] envelope) throws RefusedException {
        return Digest.of(Envelope.parse(envelope, "trust policy").unverified());
    }

    /** Signs this statement with the online key. */
    public Envelope sign(SigningKey online) {
        return Envelope.sign(PAYLOAD_TYPE, json(), online);
    }

    /** @throws RefusedException if {@code online} did not sign the statement, or it is malformed */
    static CurrentPolicy open(Envelope envelope, VerifyingKey online) throws RefusedException {
        return fromJson(envelope.open(PAYLOAD_TYPE, online, WHAT, "online key"));
    }

    /** @throws RefusedException if the statement has expired, or was issued more than 5 minutes after {@code now} */
    public void requireInForce(Instant now) throws RefusedException {
        Validity.requireInForce(WHAT, issuedAt, expiresAt, now);
    }

    private byte[] json() {
        return JsonObject.EMPTY
                .with("version", version)
                .with("policy", policy.toString())
                .with("issuedAt", Times.format(issuedAt))
                .with("expiresAt", Times.format(expiresAt))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static CurrentPolicy fromJson(byte[] json) throws RefusedException {
        try {
            JsonObject s = Json.parse(json).asObject(WHAT).only(WHAT, MEMBERS);
            CurrentPolicy statement = new CurrentPolicy(
                    s.integer("version", 1, Json.MAX_INT),
                    Digest.parse(s.string("policy")),
                    Times.parse(s.string("issuedAt")),
                    Times.parse(s.string("expiresAt")));
            if (!Arrays.equals(statement.json(), json)) {
                throw new RefusedException(Check.POLICY, WHAT + ": not in canonical form");
            }
            return statement;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.POLICY, e.getMessage());
        }
    }
}
