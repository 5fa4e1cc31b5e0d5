package dev.precast.cache;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.Check;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustRoot;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key with which a node signs that a policy is current. The root appoints it; the policy must not contain it.
 *
 * @param key the key
 * @param life validity of a statement, 1 hour to 7 days
 */
public record OnlineKey(SigningKey key, Duration life) {
    private static final Duration HOUR = Duration.ofHours(1);

    /** @throws IllegalArgumentException if the life is out of range */
    public OnlineKey {
        if (life.compareTo(HOUR) < 0 || life.compareTo(CurrentPolicy.MAX_LIFE) > 0) {
            throw new IllegalArgumentException(
                    "life of a statement: expected " + HOUR + " to " + CurrentPolicy.MAX_LIFE + ", found " + life);
        }
    }

    /** Digest of the public key. */
    Digest id() {
        return key.verifyingKey().id();
    }

    /**
     * Signs a statement about a policy, if a new one is due: none is valid, or the valid one is about an older policy
     * or by an earlier appointment, or is older than an hour or half of a shorter life.
     *
     * @param root the root that signed the policy
     * @param policy the policy's envelope
     * @param before the present proof; null if there is none
     * @return the proof; empty if none is due
     * @throws RefusedException if the root has not appointed this key, or the appointment is not valid now
     */
    Optional<FreshnessProof> prove(
            Appointments appointments,
            TrustRoot root,
            byte[] policy,
            FreshnessProof.@Nullable Verified before,
            Instant now)
            throws RefusedException {
        byte[] envelope = appointments
                .envelope()
                .orElseThrow(() -> new RefusedException(
                        Check.POLICY, "no appointment is published; publish one with precast trust online publish"));
        Appointment appointment = appointments.open(envelope);
        if (!appointment.key().equals(key.verifyingKey())) {
            throw new RefusedException(
                    Check.POLICY,
                    "the root has appointed another key, " + appointment.key().id());
        }
        appointment.requireInForce(now);
        CurrentPolicy fresh = CurrentPolicy.about(policy, root, now, life);
        if (before != null && isInForce(before, now) && !isDue(before, appointment, fresh)) {
            return Optional.empty();
        }
        return Optional.of(new FreshnessProof(Envelope.parse(envelope), fresh.sign(key)));
    }

    private boolean isDue(FreshnessProof.Verified before, Appointment appointment, CurrentPolicy fresh) {
        CurrentPolicy stated = before.statement();
        if (stated.version() > fresh.version()) {
            return false;
        }
        Duration half = life.dividedBy(2);
        Instant renewal = stated.issuedAt().plus(half.compareTo(HOUR) < 0 ? half : HOUR);
        return stated.version() < fresh.version()
                || !stated.policy().equals(fresh.policy())
                || before.appointment().version() != appointment.version()
                || !fresh.issuedAt().isBefore(renewal);
    }

    private static boolean isInForce(FreshnessProof.Verified proof, Instant now) {
        try {
            proof.requireInForce(now);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }
}
