package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.protocol.ArtifactFolder;
import dev.precast.testing.Scale;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedDiskIT {
    private static final int PROCESSES = Scale.of(6, 16);
    private static final int ARTIFACTS = 50;
    private static final int BYTES = 100_000;
    /** Enough for a third of the artifacts. */
    private static final long LIMIT = 17L * BYTES;

    @TempDir
    Path folder;

    private final Deployment deployment = new Deployment();

    private Path writeSource() throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        byte[] policy = deployment.policy(1).toJson();
        Files.write(source.resolve(ArtifactFolder.POLICY), policy);
        Files.write(
                source.resolve(ArtifactFolder.CURRENT),
                deployment.proof(policy, Instant.now()).toJson());
        for (int i = 0; i < ARTIFACTS; i++) {
            Deployment.Artifact artifact = deployment.artifact(i, BYTES);
            Files.write(
                    source.resolve(ArtifactFolder.payload(
                            artifact.attestation().payload().digest())),
                    artifact.payload());
            Files.write(
                    source.resolve(ArtifactFolder.attestation(
                            artifact.attestation().key().digest())),
                    artifact.envelope().toJson());
        }
        return source;
    }

    private ProcessBuilder child(Path cache, Path source, long seed, String... before) {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SharedDiskChild.class.getName(),
                cache.toString(),
                String.valueOf(LIMIT),
                source.toString(),
                deployment.rootText(),
                String.valueOf(ARTIFACTS),
                String.valueOf(BYTES),
                String.valueOf(seed)));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    @Test
    void processes_share_a_cache_that_evicts() throws Exception {
        Path cache = folder.resolve("cache");
        Path source = writeSource();
        List<Process> children = new ArrayList<>();
        long seed = Scale.seed(SharedDiskIT.class);
        for (int i = 0; i < PROCESSES; i++) {
            children.add(child(cache, source, seed + i)
                    .redirectOutput(folder.resolve("child-" + i).toFile())
                    .start());
        }
        long largest = 0;
        while (children.stream().anyMatch(Process::isAlive)) {
            largest = Math.max(largest, sizeWhileNobodyReserves(cache));
            Thread.sleep(20);
        }

        for (int i = 0; i < PROCESSES; i++) {
            assertThat(children.get(i).waitFor())
                    .as(Files.readString(folder.resolve("child-" + i)))
                    .isZero();
            // The others may hold all room, or the lock, for a while; then a payload stays in memory. Nothing else.
            assertThat(Files.readAllLines(folder.resolve("child-" + i)))
                    .allMatch(line -> line.startsWith("disk ")
                            || line.contains("not enough space")
                            || line.contains("locked by another process"));
        }
        assertThat(largest).isBetween(LIMIT / 2, LIMIT);
        assertThat(DiskCacheTest.size(cache)).isLessThanOrEqualTo(LIMIT);
        assertThat(cache.resolve("tmp")).isEmptyDirectory();
    }

    /** Files move from tmp to their place without the lock; in this order none is counted twice. */
    private static long sizeWhileNobodyReserves(Path cache) throws IOException {
        if (!Files.exists(cache.resolve("lock"))) {
            return 0;
        }
        try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            long size = 0;
            for (String name : List.of("attestations", "payloads", "tmp")) {
                size += size(cache.resolve(name));
            }
            return size;
        }
    }

    private static long size(Path of) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.list(of)) {
            for (Path file : files.toList()) {
                try {
                    size += Files.size(file);
                } catch (NoSuchFileException e) {
                    continue; // Moved to a folder that is counted later or was counted already.
                }
            }
        }
        return size;
    }

    @Test
    void a_disk_that_takes_nothing_costs_only_the_memory() throws Exception {
        // Files of at most 8 blocks of 1,024 bytes: policies and attestations fit, payloads do not.
        Process child = child(folder.resolve("cache"), writeSource(), 1, "bash", "-c", "ulimit -f 8; exec \"$@\"", "-")
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).contains("disk 0").contains("kept in memory").doesNotContain("degraded 0");
    }
}
