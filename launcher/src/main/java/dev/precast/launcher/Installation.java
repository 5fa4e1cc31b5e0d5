package dev.precast.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder with the packaged programs.
 *
 * @param home a checkout, or a folder with the same layout; made absolute
 */
public record Installation(Path home) {
    public Installation {
        home = home.toAbsolutePath().normalize();
    }

    /** The nearest installation at or above a file or folder. */
    public static Optional<Installation> above(Path start) {
        for (Path folder = start.toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve("precast")) && Files.isDirectory(folder.resolve("cli"))) {
                return Optional.of(new Installation(folder));
            }
        }
        return Optional.empty();
    }

    /**
     * The nearest installation at or above the folder in the system property {@code precast.home}, which defaults to
     * the working directory.
     *
     * @throws IllegalStateException if there is none
     */
    public static Installation current() {
        Path start = Path.of(System.getProperty("precast.home", ""));
        return above(start)
                .orElseThrow(() -> new IllegalStateException(
                        start.toAbsolutePath() + ": not inside a checkout of Precast; set -Dprecast.home to one"));
    }

    /** The packaged server. */
    public Path serverJar() {
        return home.resolve("server/target/quarkus-app/quarkus-run.jar");
    }

    /** The engine packs that the build has assembled. */
    public Path packs() {
        return home.resolve("engines/target/packs");
    }

    /** The folder of the engines that the command line can load, with a subfolder of jars for each. */
    public Path engines() {
        return home.resolve("engines/target/run");
    }

    /** The folder of an engine's native libraries, with a subfolder for each version. */
    public Path libraries(String engine) {
        return home.resolve("engines/target").resolve(engine);
    }

    /** The packaged benchmarks. */
    public Path benchJar() {
        return home.resolve("bench/target/precast-bench.jar");
    }

    /** The script that fetches modules of the corpus. */
    public Path fetchCorpus() {
        return home.resolve("testkit/corpus/fetch");
    }

    /**
     * Returns {@code file} if it exists.
     *
     * @throws IOException if it does not; the message says how to build it
     */
    public static Path built(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + ": not built; run ./mvnw -DskipTests package");
        }
        return file;
    }

    /** The {@code java} program that runs this process; if that is not found, the first one on the PATH. */
    public static String java() {
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        return Files.isExecutable(java) ? java.toString() : "java";
    }
}
