package dev.precast.cache.outcome;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The end of a compilation that made no artifact: the state of the key, and what decides whether that state still counts.
 * The end of one that made an artifact is its attestation.
 */
public sealed interface CompileOutcome {
    /** The key of which there is no artifact. */
    ArtifactKey key();

    /** Digest of the pack that was run. */
    Digest pack();

    /** The state of the key while the outcome counts. */
    KeyState state();

    /** When the compilation ended, to the second. */
    Instant at();

    /**
     * The module is invalid, unsupported or over a static cap. Counts for that pack and those caps, for ever.
     *
     * @param caps the static caps in force, by name
     * @param state its code has lower-case letters, digits and hyphens, at most 64
     */
    record Rejected(ArtifactKey key, Digest pack, JsonObject caps, KeyState.Rejected state, Instant at)
            implements CompileOutcome {
        private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9-]{0,63}");

        /**
         * Cuts the time to the second, as it is written.
         *
         * @throws IllegalArgumentException if the code has another form
         */
        public Rejected {
            at = at.truncatedTo(ChronoUnit.SECONDS);
            if (!CODE.matcher(state.code()).matches()) {
                throw new IllegalArgumentException(
                        "rejection code: expected lower-case letters, digits and hyphens, found \"" + state.code()
                                + "\"");
            }
        }
    }

    /**
     * The compilation exceeded a limit or crashed. Counts until {@code state.retryAt()}, unless a worker offers higher
     * limits.
     *
     * @param limits the limits in force
     * @param state with at least 1 attempt, and a cause that {@link Cause} names
     */
    record Failed(ArtifactKey key, Digest pack, Limits limits, KeyState.Failed state, Instant at)
            implements CompileOutcome {
        /**
         * Cuts the times to the second, as they are written.
         *
         * @throws IllegalArgumentException if there was no attempt, or the cause is unknown
         */
        public Failed {
            at = at.truncatedTo(ChronoUnit.SECONDS);
            state = new KeyState.Failed(
                    Cause.ofLabel(state.cause()).label(),
                    state.message(),
                    state.attempts(),
                    state.retryAt().truncatedTo(ChronoUnit.SECONDS));
            if (state.attempts() < 1) {
                throw new IllegalArgumentException("failure: expected at least 1 attempt, found " + state.attempts());
            }
        }

        /** The cause that the state names. */
        public Cause cause() {
            return Cause.ofLabel(state.cause());
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
