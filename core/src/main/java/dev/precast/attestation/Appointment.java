package dev.precast.attestation;

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
 * The root's appointment of an online key, which may sign statements about the current policy and nothing else. See
 * {@code docs/artifact-format.md}. An appointment with a higher version replaces the key.
 *
 * @param version 1 to 2^53-1; a reader refuses a version below the highest that it has seen
 * @param key the public half of the online key
 * @param issuedAt when the root signed the appointment
 * @param expiresAt from this time on, statements of the key prove nothing; at most {@link #MAX_LIFE} after
 *     {@code issuedAt}
 */
public record Appointment(long version, VerifyingKey key, Instant issuedAt, Instant expiresAt) {
    /** Media type of an appointment inside its envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.precast.online-key.v1+json";

    /** Longest life of an appointment. */
    public static final Duration MAX_LIFE = Duration.ofDays(366);

    private static final String WHAT = "appointment of the online key";
    private static final Set<String> MEMBERS = Set.of("version", "publicKey", "issuedAt", "expiresAt");

    /**
     * Truncates times to whole seconds, as the JSON form contains them.
     *
     * @throws IllegalArgumentException if the version or the life is out of range
     */
    public Appointment {
        issuedAt = issuedAt.truncatedTo(ChronoUnit.SECONDS);
        expiresAt = expiresAt.truncatedTo(ChronoUnit.SECONDS);
        if (version < 1 || version > Json.MAX_INT) {
            throw new IllegalArgumentException(WHAT + ": expected a version from 1 to 2^53-1, found " + version);
        }
        Validity.require(WHAT, issuedAt, expiresAt, MAX_LIFE);
    }

    /** Signs this appointment with the root key. */
    public Envelope sign(SigningKey root) {
        return Envelope.sign(PAYLOAD_TYPE, json(), root);
    }

    /**
     * Verifies an appointment and returns it. Does not check the dates.
     *
     * @param envelope the envelope's JSON
     * @param lowestVersion the lowest version to accept: the highest seen before, or 0 if there is none
     * @throws RefusedException if the root did not sign the appointment, or it is malformed, has a lower version, or
     *     appoints the root key itself
     */
    public static Appointment open(byte[] envelope, TrustRoot root, long lowestVersion) throws RefusedException {
        return open(Envelope.parse(envelope, WHAT), root, lowestVersion);
    }

    static Appointment open(Envelope envelope, TrustRoot root, long lowestVersion) throws RefusedException {
        Appointment appointment = fromJson(envelope.open(PAYLOAD_TYPE, root.key(), WHAT, "root"));
        if (appointment.version < lowestVersion) {
            throw new RefusedException(
                    Check.POLICY,
                    WHAT + ": version " + appointment.version + " is older than version " + lowestVersion
                            + ", which was seen before");
        }
        if (appointment.key.equals(root.key())) {
            throw new RefusedException(Check.POLICY, WHAT + ": appoints the root key; expected a key of its own");
        }
        return appointment;
    }

    /** @throws RefusedException if the appointment has expired, or was issued more than 5 minutes after {@code now} */
    public void requireInForce(Instant now) throws RefusedException {
        Validity.requireInForce(WHAT, issuedAt, expiresAt, now);
    }

    private byte[] json() {
        return JsonObject.EMPTY
                .with("version", version)
                .with("publicKey", key.toString())
                .with("issuedAt", Times.format(issuedAt))
                .with("expiresAt", Times.format(expiresAt))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Appointment fromJson(byte[] json) throws RefusedException {
        try {
            JsonObject a = Json.parse(json).asObject(WHAT).only(WHAT, MEMBERS);
            Appointment appointment = new Appointment(
                    a.integer("version", 1, Json.MAX_INT),
                    VerifyingKey.parse(a.string("publicKey")),
                    Times.parse(a.string("issuedAt")),
                    Times.parse(a.string("expiresAt")));
            if (!Arrays.equals(appointment.json(), json)) {
                throw new RefusedException(Check.POLICY, WHAT + ": not in canonical form");
            }
            return appointment;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.POLICY, e.getMessage());
        }
    }
}
