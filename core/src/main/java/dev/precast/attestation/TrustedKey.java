package dev.precast.attestation;

import dev.precast.artifact.LaneId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * A key that may sign, with its scope.
 *
 * @param key the public key
 * @param builder name of the builder that the key signs for
 * @param engines names of the engines that the key may sign for; empty for all
 * @param targets names of the targets that the key may sign for; empty for all
 * @param notBefore the key is valid from this time on, by the reader's clock
 * @param notAfter the key is valid before this time, by the reader's clock
 */
public record TrustedKey(
        VerifyingKey key,
        String builder,
        Set<String> engines,
        Set<String> targets,
        Instant notBefore,
        Instant notAfter) {
    /**
     * Truncates times to whole seconds, as the JSON form contains them.
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
                    "key " + key.id() + ": trusted until " + notAfter + ", which is before the start " + notBefore);
        }
        engines = Set.copyOf(engines);
        targets = Set.copyOf(targets);
    }

    /**
     * @throws RefusedException if builder or lane is outside the key's scope, or the key is not valid at {@code now}
     */
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
