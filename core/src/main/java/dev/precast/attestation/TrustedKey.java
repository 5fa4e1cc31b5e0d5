package dev.precast.attestation;

import dev.precast.artifact.LaneId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * A key that may sign, with its scope.
 *
 * @param key the public key
 * @param builder the builder that it signs for
 * @param engines names of engines it may sign for; empty for all
 * @param targets names of targets it may sign for; empty for all
 * @param notBefore start of its validity, by the reader's clock
 * @param notAfter end of its validity, by the reader's clock
 */
public record TrustedKey(
        VerifyingKey key,
        String builder,
        Set<String> engines,
        Set<String> targets,
        Instant notBefore,
        Instant notAfter) {
    /**
     * Truncates times to whole seconds, like the written form.
     *
     * @throws IllegalArgumentException if the builder is blank, or the validity ends before it starts
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

    /** @throws RefusedException if this is outside the key's scope or validity */
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
            throw refused("is trusted from " + notBefore + " to " + notAfter + ", but now is " + now);
        }
    }

    private RefusedException refused(String why) {
        return new RefusedException(Check.KEY_SCOPE, "key " + key.id() + " " + why);
    }
}
