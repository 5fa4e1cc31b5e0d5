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
 * The outcome of a compilation without an artifact: the state of the key, and the data that decides how long the state
 * is valid. A compilation with an artifact has an attestation instead.
 */
public sealed interface CompileOutcome {
    /** The key without an artifact. */
    ArtifactKey key();

    /** Digest of the engine pack. */
    Digest pack();

    /** The state of the key while the outcome is valid. */
    KeyState state();

    /** End of the compilation, in whole seconds. */
    Instant at();

    /**
     * A rejection: the module is invalid, unsupported or over a static cap. The rejection holds for this pack and these
     * caps without a time limit.
     *
     * @param caps the static caps in force, by name
     * @param state its code has 1 to 64 lower-case letters, digits and hyphens, and begins with a letter
     */
    record Rejected(ArtifactKey key, Digest pack, JsonObject caps, KeyState.Rejected state, Instant at)
            implements CompileOutcome {
        private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9-]{0,63}");

        /**
         * Truncates the time to whole seconds, as the JSON form contains it.
         *
         * @throws IllegalArgumentException if the code has another form
         */
        public Rejected {
            at = at.truncatedTo(ChronoUnit.SECONDS);
            if (!CODE.matcher(state.code()).matches()) {
                throw new IllegalArgumentException(
                        "rejection code: expected 1 to 64 lower-case letters, digits and hyphens, beginning with a "
                                + "letter, found \"" + state.code() + "\"");
            }
        }
    }

    /**
     * A failure: the compilation exceeded a limit or crashed. The failure holds until {@code state.retryAt()} or until
     * a worker offers higher limits.
     *
     * @param limits the limits in force
     * @param state has at least 1 attempt, and its cause is the label of a {@link Cause}
     */
    record Failed(ArtifactKey key, Digest pack, Limits limits, KeyState.Failed state, Instant at)
            implements CompileOutcome {
        /**
         * Truncates the times to whole seconds, as the JSON form contains them.
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

        /** The cause in the state. */
        public Cause cause() {
            return Cause.ofLabel(state.cause());
        }
    }

    /** Why a compilation failed. */
    enum Cause {
        TIME,
        MEMORY,
        OUTPUT,
        CRASH;

        /** Lower case, as in messages, metrics and JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if no cause has this label */
        public static Cause ofLabel(String label) {
            return Arrays.stream(values())
                    .filter(cause -> cause.label().equals(label))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("cause: expected one of "
                            + Arrays.toString(values()) + " in lower case, found \"" + label + "\""));
        }
    }
}
