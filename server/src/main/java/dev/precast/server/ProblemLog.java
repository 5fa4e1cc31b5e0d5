package dev.precast.server;

import java.util.Optional;
import org.jboss.logging.Logger;

/** Logs a problem when it begins or changes, not each time that a repeated task finds it. Callers synchronize. */
final class ProblemLog {
    private static final Logger LOG = Logger.getLogger("precast");

    private String last = "";

    /** @param problem the present problem; empty if there is none */
    void found(Optional<String> problem) {
        if (!problem.orElse("").equals(last)) {
            last = problem.orElse("");
            problem.ifPresent(LOG::warn);
        }
    }
}
