package dev.precast.cli;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The installation folder of the command line, with the programs that it starts.
 *
 * @param home a checkout, or a folder with the same layout
 */
record Installation(Path home) {
    /** @throws CommandFailed if this command line does not know its folder */
    static Installation find(Surroundings around) {
        return search(around)
                .orElseThrow(() -> new CommandFailed(
                        Exit.OTHER,
                        "no-installation",
                        "cannot tell where Precast is installed: set PRECAST_HOME to its folder"));
    }

    /** {@code PRECAST_HOME}, else two folders above the jar that this class came from. */
    static Optional<Installation> search(Surroundings around) {
        Optional<String> set = around.variable("PRECAST_HOME");
        if (set.isPresent()) {
            return Optional.of(
                    new Installation(Path.of(set.get()).toAbsolutePath().normalize()));
        }
        try {
            Path code = Path.of(Installation.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
            for (Path folder = code; folder != null; folder = folder.getParent()) {
                if (Files.isExecutable(folder.resolve("precast")) && Files.isDirectory(folder.resolve("cli"))) {
                    return Optional.of(new Installation(folder));
                }
            }
            return Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    Path serverJar() {
        return home.resolve("server/target/quarkus-app/quarkus-run.jar");
    }

    Path packs() {
        return home.resolve("engines/target/packs");
    }

    /** The engines that commands can load: a folder of jars for each. */
    Path engines() {
        return home.resolve("engines/target/run");
    }

    /** Native libraries of an engine, each in a folder with its version for a name. */
    Path libraries(String engine) {
        return home.resolve("engines/target").resolve(engine);
    }

    Path benchJar() {
        return home.resolve("bench/target/precast-bench.jar");
    }

    Path fetchCorpus() {
        return home.resolve("testkit/corpus/fetch");
    }

    /** @throws CommandFailed if the file was not built */
    static Path built(Path file) {
        if (!Files.exists(file)) {
            throw new CommandFailed(Exit.OTHER, "not-built", file + ": not built; run ./mvnw -DskipTests package");
        }
        return file;
    }

    /** The {@code java} of this process, or the first one on the PATH. */
    static String java() {
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        return Files.isExecutable(java) ? java.toString() : "java";
    }
}
