package dev.precast.cli;

import dev.precast.launcher.Installation;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a command.
 *
 * @param out standard output, for results; made a {@link CleanStream}
 * @param err standard error, for messages; made a {@link CleanStream}
 * @param variables environment variables
 * @param clock the system clock
 * @param terminal whether {@code err} is a terminal
 */
record Surroundings(
        PrintStream out, PrintStream err, Map<String, String> variables, InstantSource clock, boolean terminal) {
    Surroundings {
        out = CleanStream.of(out);
        err = CleanStream.of(err);
    }

    static Surroundings ofThisProcess() {
        Map<String, String> variables = System.getenv();
        return new Surroundings(
                System.out, System.err, variables, InstantSource.system(), errorsGoToATerminal(variables));
    }

    /** Standard output as it is, for text of this program only. */
    PrintStream rawOut() {
        return CleanStream.of(out).raw();
    }

    /** Standard error as it is, for text and terminal control of this program only. */
    PrintStream rawErr() {
        return CleanStream.of(err).raw();
    }

    /** An environment variable, if it is set and not empty. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
    }

    /** The folder in {@code PRECAST_HOME}, else the nearest installation above this class's jar. */
    Optional<Installation> findInstallation() {
        return variable("PRECAST_HOME")
                .map(home -> new Installation(Path.of(home)))
                .or(() -> {
                    URL code = Surroundings.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation();
                    return Installation.above(Path.of(URI.create(code.toString())));
                });
    }

    /** @throws CommandFailed if the folder is unknown */
    Installation installation() {
        return findInstallation()
                .orElseThrow(() -> new CommandFailed(
                        Exit.OTHER, "no-installation", "installation: folder unknown; set PRECAST_HOME to a checkout"));
    }

    boolean debug() {
        return variable("PRECAST_DEBUG").isPresent();
    }

    /** Precast's folder in a user folder of the XDG base directory specification. */
    Path userFolder(String variable, String fallback) {
        return variable(variable)
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> Path.of(variable("HOME").orElse(System.getProperty("user.home", ".")), fallback))
                .resolve("precast");
    }

    /**
     * Whether standard error is a terminal. Reads a symbolic link in /proc, because Java has no method for standard
     * error alone.
     */
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
