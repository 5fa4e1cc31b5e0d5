package dev.precast.server;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.PolicyAge;
import dev.precast.attestation.TrustPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to warn that the trust policy or the appointment of the online key expires, or that the policy is not
 * proven to be current: once for each step of {@link PolicyAge}, and once a day after an expiry. Not thread safe.
 */
final class PolicyWarnings {
    private static final Duration DAY = Duration.ofDays(1);
    /** Nodes that sign no statements read the proof once a minute. */
    private static final Duration UNPROVEN_FOR = Duration.ofMinutes(2);

    private static final String GUIDE = "see docs/how-to/rotate-keys.md";

    private final Said policySaid = new Said();
    private final Said appointmentSaid = new Said();
    private @Nullable Instant unprovenSince;
    private boolean unprovenSaid;

    /** The warning about the policy that is due now, if one is. */
    Optional<String> about(TrustPolicy policy, Instant now) {
        PolicyAge age = PolicyAge.of(policy, now);
        if (!policySaid.isDue(policy.version(), age, now)) {
            return Optional.empty();
        }
        String subject = "trust policy " + policy.version() + ": ";
        Instant end = policy.expiresAt().plus(policy.grace());
        String todo = "; sign the next version and publish it, " + GUIDE;
        return Optional.of(
                switch (age) {
                    case FRESH, DAYS_30, DAYS_7, DAY_1 ->
                        subject + "expires at " + policy.expiresAt() + ", in " + left(policy.expiresAt(), now) + todo;
                    case GRACE ->
                        subject + "expired at " + policy.expiresAt()
                                + ": hosts accept only artifacts that they verified before, until " + end + todo;
                    case OVER ->
                        subject + "expired at " + policy.expiresAt() + ", and its grace ended at " + end
                                + ": hosts accept no artifacts" + todo;
                });
    }

    /** The warning about the appointment of the online key that is due now, if one is. */
    Optional<String> about(Appointment appointment, Instant now) {
        PolicyAge age = PolicyAge.of(appointment, now);
        if (!appointmentSaid.isDue(appointment.version(), age, now)) {
            return Optional.empty();
        }
        String end = age.isExpired()
                ? "expired at " + appointment.expiresAt()
                : "expires at " + appointment.expiresAt() + ", in " + left(appointment.expiresAt(), now);
        return Optional.of("appointment " + appointment.version() + " of online key "
                + appointment.key().id() + ": " + end + "; sign the next version and publish it, " + GUIDE);
    }

    /** The warning that no valid statement says that the policy is current, if it is due now. */
    Optional<String> unproven(TrustPolicy policy, Optional<FreshnessProof.Verified> proof, Instant now) {
        if (proof.isPresent() && now.isBefore(proof.get().statement().expiresAt())) {
            unprovenSince = null;
            unprovenSaid = false;
            return Optional.empty();
        }
        Instant since = unprovenSince == null ? now : unprovenSince;
        unprovenSince = since;
        if (unprovenSaid || now.isBefore(since.plus(UNPROVEN_FOR))) {
            return Optional.empty();
        }
        unprovenSaid = true;
        return Optional.of("trust policy " + policy.version() + ": "
                + proof.map(found -> "the statement that it is current expired at "
                                + found.statement().expiresAt())
                        .orElse("no statement says that it is current")
                + "; hosts that know no policy yet refuse it; appoint the online key of the API nodes, " + GUIDE);
    }

    private static String left(Instant end, Instant now) {
        Duration left = Duration.between(now, end);
        return left.compareTo(DAY) > 0 ? left.toDays() + " days" : left.toHours() + " hours";
    }

    private static final class Said {
        private long version;
        private PolicyAge age = PolicyAge.FRESH;
        private Instant at = Instant.EPOCH;

        boolean isDue(long found, PolicyAge foundAge, Instant now) {
            boolean step = found != version || foundAge != age;
            boolean due =
                    foundAge != PolicyAge.FRESH && (step || (foundAge.isExpired() && !now.isBefore(at.plus(DAY))));
            version = found;
            age = foundAge;
            if (due) {
                at = now;
            }
            return due;
        }
    }
}
