package dev.precast.host;

import dev.precast.attestation.Check;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.util.Optional;

/** Why there is no artifact of a module that loads in this host. */
public sealed interface MissReason {
    /** The reason as the end of a message for people. */
    String text();

    /**
     * No lane loads in this process, so no artifact can.
     *
     * @param why what a lane was refused for, if one was tried
     */
    record NoLaneLoads(Optional<String> why) implements MissReason {
        @Override
        public String text() {
            return "no lane loads in this process"
                    + why.map(w -> " (" + w + ")").orElse("");
        }
    }

    /**
     * No source answers.
     *
     * @param trouble what the last source that was asked failed with; empty if there is no source
     */
    record NoSourceAnswers(Optional<String> trouble) implements MissReason {
        @Override
        public String text() {
            return "no source answers" + trouble.map(t -> " (" + t + ")").orElse("");
        }
    }

    /**
     * There is an artifact, and it failed a check.
     *
     * @param check the first check that failed
     * @param detail what was expected and what was found
     */
    record Refused(Check check, String detail) implements MissReason {
        @Override
        public String text() {
            return "verification failed: " + detail;
        }
    }

    /**
     * There is an artifact, and it could not be fetched or loaded.
     *
     * @param trouble what failed
     */
    record NotLoaded(String trouble) implements MissReason {
        @Override
        public String text() {
            return "the artifact could not be loaded (" + trouble + ")";
        }
    }

    /**
     * A source answers, and has no artifact.
     *
     * @param state what it has instead; not {@link KeyState.Present}
     */
    record NoArtifact(KeyState state) implements MissReason {
        @Override
        public String text() {
            if (state instanceof KeyState.Rejected rejected) {
                return "rejected, " + rejected.code() + ": " + rejected.message();
            } else if (state instanceof KeyState.Failed failed) {
                return "the compilation failed, next attempt after " + failed.retryAt() + ": " + failed.message();
            }
            return state instanceof KeyState.Compiling ? "still compiling" : "not compiled";
        }
    }

    /**
     * The service accepted no request for a compilation.
     *
     * @param code why
     * @param detail the same in words
     */
    record NotAccepted(Optional<ProblemCode> code, String detail) implements MissReason {
        @Override
        public String text() {
            return code.map(c -> c.label() + ": ").orElse("") + detail;
        }
    }
}
