package dev.precast.attestation;

import java.time.Duration;
import java.time.Instant;

/**
 * How close a signed document is to its expiry, for warnings: 30 days, 7 days and 1 day before. A step that is longer
 * than half of the document's validity is left out, so that a policy for a month does not warn when it is new.
 */
public enum PolicyAge {
    FRESH(0),
    /** At most 30 days are left. */
    DAYS_30(30),
    /** At most 7 days are left. */
    DAYS_7(7),
    /** At most 1 day is left. */
    DAY_1(1),
    /** The document has expired; a policy's grace has not. */
    GRACE(0),
    /** The document has expired, and so has its grace. */
    OVER(0);

    private static final PolicyAge[] SHORTEST_FIRST = {DAY_1, DAYS_7, DAYS_30};

    private final Duration left;

    PolicyAge(int days) {
        this.left = Duration.ofDays(days);
    }

    /** The age of a policy. */
    public static PolicyAge of(TrustPolicy policy, Instant now) {
        return of(policy.issuedAt(), policy.expiresAt(), policy.grace(), now);
    }

    /** The age of an online key's appointment, which has no grace. */
    public static PolicyAge of(Appointment appointment, Instant now) {
        return of(appointment.issuedAt(), appointment.expiresAt(), Duration.ZERO, now);
    }

    private static PolicyAge of(Instant issuedAt, Instant expiresAt, Duration grace, Instant now) {
        if (!now.isBefore(expiresAt)) {
            return now.isBefore(expiresAt.plus(grace)) ? GRACE : OVER;
        }
        Duration left = Duration.between(now, expiresAt);
        Duration half = Duration.between(issuedAt, expiresAt).dividedBy(2);
        for (PolicyAge step : SHORTEST_FIRST) {
            if (left.compareTo(step.left) <= 0 && step.left.compareTo(half) <= 0) {
                return step;
            }
        }
        return FRESH;
    }

    /** Whether the document has expired. */
    public boolean isExpired() {
        return this == GRACE || this == OVER;
    }
}
