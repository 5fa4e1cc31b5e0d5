package dev.precast.host;

import dev.precast.attestation.Check;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.util.Optional;

/** Why there is no usable artifact of a module. */
public sealed interface MissReason {
    /** The reason in words, as the last part of a message. */
    String text();

    /**
     * No lane loads in this process.
     *
     * @param why why the last refused lane does not load; empty if no lane was refused
     */
    record NoLaneLoads(Optional<String> why) implements MissReason {
        @Override
        public String text() {
            return "this process cannot load artifacts of any lane"
                    + why.map(w -> " (" + w + ")").orElse("");
        }
    }

    /**
     * No source answered.
     *
     * @param trouble the error of the last source; empty if there is no source
     */
    record NoSourceAnswers(Optional<String> trouble) implements MissReason {
        @Override
        public String text() {
            return "no source answers" + trouble.map(t -> " (" + t + ")").orElse("");
        }
    }

    /**
     * There is an artifact, but it failed a check.
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
     * There is an artifact, but it could not be downloaded or loaded.
     *
     * @param trouble the error
     */
    record NotLoaded(String trouble) implements MissReason {
        @Override
        public String text() {
            return "the artifact could not be loaded (" + trouble + ")";
        }
    }

    /**
     * A source answered that it has no artifact.
     *
     * @param state the key's state, which is not {@link KeyState.Present}
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
     * The service did not accept the compilation request.
     *
     * @param code the code of the service's problem; empty if there was none or this version does not know it
     * @param detail the problem's text
     */
    record NotAccepted(Optional<ProblemCode> code, String detail) implements MissReason {
        @Override
        public String text() {
            return code.map(c -> c.label() + ": ").orElse("") + detail;
        }
    }
}
