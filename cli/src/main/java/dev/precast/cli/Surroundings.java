package dev.precast.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * What a command finds around it.
 *
 * @param out where results go
 * @param err where progress and errors go
 * @param variables the environment
 * @param clock the time
 * @param terminal whether a person watches {@code err}
 */
record Surroundings(
        PrintStream out, PrintStream err, Map<String, String> variables, InstantSource clock, boolean terminal) {
    static Surroundings ofThisProcess() {
        Map<String, String> variables = System.getenv();
        return new Surroundings(
                System.out, System.err, variables, InstantSource.system(), errorsGoToATerminal(variables));
    }

    /** A variable that is set and not empty. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
    }

    boolean debug() {
        return variable("PRECAST_DEBUG").isPresent();
    }

    /** The user's folder for {@code what} by the XDG base directory rules, and Precast's folder in it. */
    Path userFolder(String variable, String fallback) {
        return variable(variable)
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> Path.of(variable("HOME").orElse(System.getProperty("user.home", ".")), fallback))
                .resolve("precast");
    }

    /** Where a link says so it is cheap to know; a JVM has no other way for the error stream alone. */
    private static boolean errorsGoToATerminal(Map<String, String> variables) {
        if ("dumb".equals(variables.get("TERM"))) {
            return false;
        }
        Path link = Path.of("/proc/self/fd/2");
        if (Files.isSymbolicLink(link)) {
            try {
                return Files.readSymbolicLink(link).toString().matches("/dev/(pts/.*|tty.*|console)");
            } catch (java.io.IOException e) {
                return false;
            }
        }
        return System.console() != null && System.console().isTerminal();
    }
}
