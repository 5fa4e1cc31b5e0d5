package dev.precast.server;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.Appointments;
import dev.precast.cache.FreshnessSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The online key of the embedded service, which the first start creates. The service appoints the key if no other one
 * is appointed. If the file of the key was deleted, the next start creates and appoints a new key.
 */
final class EmbeddedOnlineKey {
    private final SigningKey key;
    private final boolean replacing;

    /** Reads the key from a file, which is created if it does not exist. */
    EmbeddedOnlineKey(Path file) {
        Optional<SigningKey> kept = KeyFiles.readKey(file);
        this.key = kept.orElseGet(SigningKey::generate);
        this.replacing = kept.isEmpty();
        if (replacing) {
            KeyFiles.writeSecret(file, key.secretText());
        }
    }

    SigningKey key() {
        return key;
    }

    /**
     * Publishes an appointment of this key if there is none, or it expires within {@code renewedBefore}. An appointment
     * of another key stays, unless this start created the key.
     *
     * @param life validity of the appointment
     */
    void appoint(FreshnessSource freshness, SigningKey root, Instant now, Duration life, Duration renewedBefore) {
        Appointments appointments = freshness.appointments();
        Optional<Appointment> present = appointments.find();
        if (present.isPresent() && !isDue(present.get(), now.plus(renewedBefore))) {
            return;
        }
        long version = Math.max(
                        appointments.highest(),
                        present.map(Appointment::version).orElse(0L))
                + 1;
        try {
            freshness.replace(new Appointment(version, key.verifyingKey(), now, now.plus(life))
                    .sign(root)
                    .toJson());
        } catch (RefusedException e) {
            throw new IllegalStateException("online key: the root's own appointment was refused", e);
        }
    }

    private boolean isDue(Appointment present, Instant renewal) {
        return present.key().equals(key.verifyingKey()) ? present.expiresAt().isBefore(renewal) : replacing;
    }
}
