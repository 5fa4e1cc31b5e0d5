package dev.precast.cache.outcome;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** How a compilation ended that made no artifact: of one that did, the attestation tells. */
public sealed interface CompileOutcome {
    /** The artifact that there is not. */
    ArtifactKey key();

    /**
     * The module's fault: invalid, unsupported, or over a static cap. True for that pack and those caps, for ever.
     *
     * @param key the artifact that there will not be
     * @param pack digest of the pack that refused
     * @param caps the static caps in force, by name
     * @param code short and stable, such as {@code invalid-module}: lower-case letters, digits and hyphens, at most 64
     * @param message for people
     * @param at when
     */
    record Rejected(ArtifactKey key, Digest pack, JsonObject caps, String code, String message, Instant at)
            implements CompileOutcome {
        /**
         * Cuts the time to the second, as it is written.
         *
         * @throws IllegalArgumentException if the code has another form
         */
        public Rejected {
            at = at.truncatedTo(ChronoUnit.SECONDS);
            if (!CODE.matcher(code).matches()) {
                throw new IllegalArgumentException(
                        "rejection code: expected lower-case letters, digits and hyphens, found \"" + code + "\"");
            }
        }

        private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    }

    /**
     * Time, memory, output or a crash. True until {@code retryAt}, and void where higher limits are offered.
     *
     * @param key the artifact that there is not yet
     * @param pack digest of the pack that was run
     * @param cause what ran out
     * @param message for people
     * @param limits the limits in force
     * @param attempts child starts so far for this key, at least 1
     * @param at when
     * @param retryAt when a child may be started again
     */
    record Failed(
            ArtifactKey key,
            Digest pack,
            Cause cause,
            String message,
            Limits limits,
            int attempts,
            Instant at,
            Instant retryAt)
            implements CompileOutcome {
        /**
         * Cuts the times to the second, as they are written.
         *
         * @throws IllegalArgumentException if there was no attempt
         */
        public Failed {
            at = at.truncatedTo(ChronoUnit.SECONDS);
            retryAt = retryAt.truncatedTo(ChronoUnit.SECONDS);
            if (attempts < 1) {
                throw new IllegalArgumentException("failure: expected at least 1 attempt, found " + attempts);
            }
        }
    }

    /** What ran out. */
    enum Cause {
        TIME,
        MEMORY,
        OUTPUT,
        CRASH;

        /** Lower case, as in messages, metrics and JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if no cause has that label */
        public static Cause ofLabel(String label) {
            return Arrays.stream(values())
                    .filter(cause -> cause.label().equals(label))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("cause: expected one of "
                            + Arrays.toString(values()) + " in lower case, found \"" + label + "\""));
        }
    }
}
