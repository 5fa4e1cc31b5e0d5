package dev.precast.attestation;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;

/**
 * The proof that a trust policy is current: the root's {@linkplain Appointment appointment} of an online key, and that
 * key's {@linkplain CurrentPolicy statement}. Not verified yet; see {@link #verify}.
 *
 * @param appointment envelope of the appointment
 * @param statement envelope of the statement
 */
public record FreshnessProof(Envelope appointment, Envelope statement) {
    /** Maximum size of the JSON form, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final String WHAT = "proof of the current policy";
    private static final Set<String> MEMBERS = Set.of("appointment", "statement");

    /**
     * Reads the JSON form.
     *
     * @throws RefusedException if the JSON is too large, not strict, or has another form
     */
    public static FreshnessProof parse(byte[] json) throws RefusedException {
        if (json.length > MAX_BYTES) {
            throw new RefusedException(
                    Check.SIZE,
                    WHAT + ": too large (expected at most " + MAX_BYTES + " bytes, found " + json.length + ")");
        }
        try {
            JsonObject proof = Json.parse(json).asObject(WHAT).only(WHAT, MEMBERS);
            return new FreshnessProof(
                    Envelope.parse(proof.object("appointment")), Envelope.parse(proof.object("statement")));
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, WHAT + ": " + e.getMessage());
        }
    }

    /** The JSON form, canonical, as UTF-8. */
    public byte[] toJson() {
        return JsonObject.EMPTY
                .with("appointment", appointment.json())
                .with("statement", statement.json())
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Verifies that the root appointed the key that signed the statement. Does not check the dates.
     *
     * @param lowestAppointment the lowest version of an appointment to accept: the highest seen before, or 0
     * @throws RefusedException naming the first rule that failed
     */
    public Verified verify(TrustRoot root, long lowestAppointment) throws RefusedException {
        Appointment by = Appointment.open(appointment, root, lowestAppointment);
        return new Verified(by, CurrentPolicy.open(statement, by.key()));
    }

    /** The content of a verified proof. */
    public record Verified(Appointment appointment, CurrentPolicy statement) {
        /**
         * Requires that both documents are in force.
         *
         * @param now the time by the reader's clock
         * @throws RefusedException if one has expired, or was issued more than 5 minutes after {@code now}
         */
        public void requireInForce(Instant now) throws RefusedException {
            appointment.requireInForce(now);
            statement.requireInForce(now);
        }

        /**
         * Requires that the proof is about this policy or an older one. A policy that is newer than the statement needs
         * no statement of its own, because the root signed it.
         *
         * @param envelope the policy's envelope as JSON, verified before
         * @param policy the policy in that envelope
         * @throws RefusedException if another policy is current, or the policy lets the online key sign artifacts
         */
        public void requireCurrent(byte[] envelope, TrustPolicy policy) throws RefusedException {
            if (policy.find(appointment.key().id()) != null) {
                throw new RefusedException(
                        Check.POLICY,
                        "policy " + policy.version() + " lets the online key "
                                + appointment.key().id() + " sign artifacts (expected a key for statements only)");
            }
            if (policy.version() < statement.version()) {
                throw new RefusedException(
                        Check.POLICY,
                        "version " + policy.version() + " is not current: version " + statement.version() + " was at "
                                + statement.issuedAt());
            }
            if (policy.version() == statement.version()
                    && !CurrentPolicy.digestOf(envelope).equals(statement.policy())) {
                throw new RefusedException(
                        Check.POLICY,
                        "another policy of version " + policy.version() + " is current (expected " + statement.policy()
                                + ", found " + CurrentPolicy.digestOf(envelope) + ")");
            }
        }
    }
}
