package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.testing.Scale;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledWriterTest {
    private static final int KILLS = Scale.of(3, 8);
    private static final int LINE = Digest.of(new byte[0]).toString().length();

    @TempDir
    private Path folder;

    @Test
    void a_process_that_is_killed_while_it_writes_leaves_nothing_partial() throws Exception {
        Random random = Scale.random(KilledWriterTest.class);
        List<String> stored = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            stored.addAll(writeUntilKilled(kill, random));

            for (Path file : contents()) {
                try (InputStream in = Files.newInputStream(file)) {
                    assertThat(Digest.of(in).hex()).isEqualTo(String.valueOf(file.getFileName()));
                }
            }
            new FileDocumentStore(folder.resolve("documents"))
                    .find(EndlessWriter.DOCUMENT)
                    .ifPresent(d -> assertThat(d.bytes()).containsOnly(d.bytes()[0]));
        }

        FileContentStore store = new FileContentStore(folder.resolve("content"));
        assertThat(stored).hasSizeGreaterThanOrEqualTo(KILLS);
        assertThat(stored)
                .allSatisfy(d -> assertThat(store.find(Digest.parse(d))).isPresent());
    }

    /** What the process printed as stored. */
    private List<String> writeUntilKilled(int kill, Random random) throws Exception {
        Path said = folder.resolve("said " + kill);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWriter.class.getName(),
                        folder.toString(),
                        Long.toString(random.nextLong()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(said.toFile())
                .start();
        while (process.isAlive() && Files.size(said) == 0) {
            Thread.sleep(5);
        }
        Thread.sleep(random.nextInt(60));
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        // The last line may have been cut by the kill.
        return Files.readAllLines(said).stream()
                .filter(line -> line.length() == LINE)
                .toList();
    }

    private List<Path> contents() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("content"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".part"))
                    .toList();
        }
    }
}
