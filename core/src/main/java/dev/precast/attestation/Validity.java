package dev.precast.attestation;

import java.time.Duration;
import java.time.Instant;

/** The rules for the dates of documents with a limited life. */
final class Validity {
    /** How far the clock of a signer may be ahead of the reader's. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private Validity() {}

    /** @throws IllegalArgumentException if the life is not positive, is too long, or ends after the year 9999 */
    static void require(String what, Instant issuedAt, Instant expiresAt, Duration maxLife) {
        if (!expiresAt.isAfter(issuedAt)) {
            throw new IllegalArgumentException(what + ": expires at " + expiresAt + ", but was issued at " + issuedAt);
        }
        if (expiresAt.isAfter(Times.MAX)) {
            throw new IllegalArgumentException(what + ": expires at " + expiresAt + ", later than " + Times.MAX);
        }
        if (issuedAt.plus(maxLife).isBefore(expiresAt)) {
            throw new IllegalArgumentException(what + ": expected a life of at most " + maxLife.toDays()
                    + " days, found " + issuedAt + " to " + expiresAt);
        }
    }

    /** @throws RefusedException if the document has expired, or was issued more than 5 minutes after {@code now} */
    static void requireInForce(String what, Instant issuedAt, Instant expiresAt, Instant now) throws RefusedException {
        if (!now.isBefore(expiresAt)) {
            throw new RefusedException(Check.POLICY, what + " expired at " + expiresAt + "; now is " + now);
        }
        if (issuedAt.isAfter(now.plus(CLOCK_SKEW))) {
            throw new RefusedException(
                    Check.POLICY,
                    what + " was issued at " + issuedAt + ", but now is " + now
                            + "; check the clocks of the signer and of this machine");
        }
    }
}
