package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.testkit.corpus.Corpus;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.OddModules;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Finds the modules that the tests run. */
final class TestModules {
    private TestModules() {}

    /**
     * A module of the corpus or an odd one. Real modules come from npm: where that is not installed their tests are left
     * out, where it is, a module that cannot be fetched is a failure.
     */
    static CorpusModule named(String name) throws IOException, InterruptedException {
        if (OddModules.names().contains(name)) {
            return OddModules.module(name);
        }
        if (Corpus.ofUser().module(name).isEmpty()) {
            fetch(name);
        }
        return Corpus.ofUser().module(name).orElseThrow();
    }

    private static void fetch(String name) throws IOException, InterruptedException {
        Assumptions.assumeTrue(onPath("npm"), "npm is not installed, so " + name + " is not here");
        Process fetch = new ProcessBuilder(
                        LocalService.HOME.resolve("testkit/corpus/fetch").toString(), name)
                .redirectErrorStream(true)
                .start();
        String said = new String(fetch.getInputStream().readAllBytes(), UTF_8);
        if (fetch.waitFor() != 0) {
            throw new IllegalStateException("testkit/corpus/fetch " + name + ": " + said);
        }
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
