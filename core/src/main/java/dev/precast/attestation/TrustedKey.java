package dev.precast.attestation;

import dev.precast.artifact.LaneId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * A key that may sign, and for what.
 *
 * @param key the public key
 * @param builder the one builder that it signs for
 * @param engines names of engines it may sign for; empty for all
 * @param targets names of targets it may sign for; empty for all
 * @param notBefore from when on it is trusted, by the reader's clock
 * @param notAfter until when it is trusted, by the reader's clock
 */
public record TrustedKey(
        VerifyingKey key,
        String builder,
        Set<String> engines,
        Set<String> targets,
        Instant notBefore,
        Instant notAfter) {
    /**
     * Cuts times to the second, as they are written.
     *
     * @throws IllegalArgumentException if the builder is blank, or the key is never trusted
     */
    public TrustedKey {
        notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
        notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
        if (builder.isBlank()) {
            throw new IllegalArgumentException("key " + key.id() + ": builder is blank");
        }
        if (notAfter.isBefore(notBefore)) {
            throw new IllegalArgumentException(
                    "key " + key.id() + ": trusted until " + notAfter + ", which is before " + notBefore);
        }
        engines = Set.copyOf(engines);
        targets = Set.copyOf(targets);
    }

    /** @throws RefusedException if the key may not have signed this, or not now */
    void requireInScope(String builtBy, LaneId lane, Instant now) throws RefusedException {
        if (!builder.equals(builtBy)) {
            throw refused("signs for builder " + builder + ", not for " + builtBy);
        }
        if (!engines.isEmpty() && !engines.contains(lane.engine().name())) {
            throw refused("signs for engines " + engines + ", not for "
                    + lane.engine().name());
        }
        if (!targets.isEmpty() && !targets.contains(lane.target().name())) {
            throw refused("signs for targets " + targets + ", not for " + lane.target());
        }
        if (now.isBefore(notBefore) || !now.isBefore(notAfter)) {
            throw refused("is trusted from " + notBefore + " to " + notAfter + ", it is " + now);
        }
    }

    private RefusedException refused(String why) {
        return new RefusedException(Check.KEY_SCOPE, "key " + key.id() + " " + why);
    }
}
