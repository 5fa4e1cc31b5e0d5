package dev.precast.host;

import dev.precast.attestation.Check;
import java.time.Instant;
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
     * The module cannot be compiled; asking again changes nothing.
     *
     * @param code such as {@code invalid-module}
     */
    record Rejected(String code, String message) implements MissReason {
        @Override
        public String text() {
            return "rejected, " + code + ": " + message;
        }
    }

    /**
     * The compilation failed.
     *
     * @param retryAt when asking again makes sense
     */
    record Failed(String message, Instant retryAt) implements MissReason {
        @Override
        public String text() {
            return "failed, may be asked again at " + retryAt + ": " + message;
        }
    }

    /** The artifact is being compiled. */
    record Compiling() implements MissReason {
        @Override
        public String text() {
            return "still compiling";
        }
    }

    /**
     * The module has not been compiled.
     *
     * @param detail what the source says
     */
    record NotCompiled(String detail) implements MissReason {
        @Override
        public String text() {
            return detail;
        }
    }
}
