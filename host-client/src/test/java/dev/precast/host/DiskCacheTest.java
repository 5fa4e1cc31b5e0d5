package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.PayloadFile;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.disk.DiskTroubleException;
import dev.precast.host.disk.StoredBytes;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import dev.precast.testing.Scale;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskCacheTest {
    @TempDir
    Path folder;

    private final Deployment deployment = new Deployment();
    private final PrecastCounters counters = new PrecastCounters();
    private Instant now = Instant.now();

    private Path cacheFolder() {
        return folder.resolve("cache");
    }

    private DiskCache open(long maxBytes) throws IOException {
        return DiskCache.open(cacheFolder(), maxBytes, () -> now, counters);
    }

    private static SizedDigest sized(byte[] bytes) {
        return new SizedDigest(Digest.of(bytes), bytes.length);
    }

    private static byte[] bytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static long size(Path folder) throws IOException {
        AtomicLong size = new AtomicLong();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
                size.addAndGet(found.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // Evicted or moved meanwhile.
            }
        });
        return size.get();
    }

    private Precast<BundleLoader.Loaded> precast(ArtifactSource source) {
        return Precast.builder(new BundleLoader())
                .source(source)
                .trustRoot(deployment.rootText())
                .diskCache(cacheFolder(), 10 << 20)
                .onMiss(MissPolicy.fail())
                .listener(counters)
                .build();
    }

    private MemorySource source(int artifacts, int bytes) {
        MemorySource source = new MemorySource();
        deployment.trust(source, Instant.now());
        for (int i = 0; i < artifacts; i++) {
            Deployment.Artifact artifact = deployment.artifact(i, bytes);
            source.put(artifact.attestation().key(), artifact.envelope(), artifact.payload());
        }
        return source;
    }

    @Test
    void a_folder_that_others_may_enter_is_refused_and_the_host_goes_on_without() throws Exception {
        Files.createDirectory(
                cacheFolder(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));

        assertThatThrownBy(() -> open(1000)).isInstanceOf(IOException.class).hasMessageContaining("0700");
        try (var precast = precast(source(1, 1000))) {
            assertThat(precast.load(Deployment.module(0), () -> Deployment.wasm(0))
                            .readAll())
                    .isEqualTo(1000);
        }

        assertThat(counters.degraded()).isEqualTo(1);
        assertThat(cacheFolder()).isEmptyDirectory();
    }

    @Test
    void a_link_in_the_folders_place_is_refused() throws Exception {
        Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(cacheFolder(), folder.resolve("real"));

        assertThatThrownBy(() -> open(1000)).isInstanceOf(IOException.class).hasMessageContaining("expected a folder");
    }

    @Test
    void a_payload_that_others_could_write_is_not_opened() throws Exception {
        DiskCache cache = open(10_000);
        byte[] payload = bytes(1, 1000);
        cache.keep(sized(payload), new ByteArrayInputStream(payload));
        Path file = cacheFolder().resolve("payloads").resolve(Digest.of(payload).hex());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("r--------");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw--w----"));

        assertThatThrownBy(() -> cache.payload(sized(payload))).isInstanceOf(IOException.class);
    }

    @Test
    void the_least_recently_used_is_evicted_first_and_an_open_payload_stays_readable() throws Exception {
        DiskCache cache = open(10_000);
        byte[][] payloads = {bytes(0, 3000), bytes(1, 3000), bytes(2, 3000)};
        StoredBytes first = cache.keep(sized(payloads[0]), new ByteArrayInputStream(payloads[0]))
                .bytes();
        now = now.plusSeconds(100);
        cache.keep(sized(payloads[1]), new ByteArrayInputStream(payloads[1]));
        now = now.plusSeconds(100);
        Deployment.Artifact of = deployment.artifact(0, 10);
        cache.touch(of.attestation().key(), sized(payloads[1]));

        cache.keep(sized(payloads[2]), new ByteArrayInputStream(payloads[2]));

        assertThat(cache.payload(sized(payloads[0]))).isNull();
        assertThat(cache.payload(sized(payloads[1]))).isNotNull();
        assertThat(cache.payload(sized(payloads[2]))).isNotNull();
        assertThat(first.read(0, 3000)).isEqualTo(payloads[0]);
        assertThat(counters.evictedFiles()).isEqualTo(1);
        assertThat(size(cacheFolder())).isLessThanOrEqualTo(10_000);
    }

    @Test
    void a_file_that_replaces_a_stored_one_is_not_taken_for_it() throws Exception {
        DiskCache cache = open(1 << 20);
        byte[] payload = bytes(1, 1000);
        byte[] evil = bytes(2, 1000);
        Path place =
                cacheFolder().resolve("payloads").resolve(Digest.of(payload).hex());
        for (int round = 0; round < 50; round++) {
            Files.deleteIfExists(place);
            Path prepared = Files.write(folder.resolve("evil"), evil);
            Thread other = new Thread(() -> {
                while (!Files.exists(place)) {
                    Thread.onSpinWait();
                }
                assertThat(prepared.toFile().renameTo(place.toFile())).isTrue();
            });
            other.start();
            DiskCache.Found kept = cache.keep(sized(payload), new ByteArrayInputStream(payload));
            other.join();

            assertThat(place).hasBinaryContent(evil);
            PayloadFile verified = kept.bytes().verified();
            assertThat(verified == null ? "" : verified.identity()).isNotEqualTo(PayloadFile.identityOf(place));
            DiskCache.Found there = Objects.requireNonNull(cache.payload(sized(payload)));
            assertThat(cache.wasHashed(sized(payload), there)).isFalse();
            assertThat(kept.bytes().read(0, 1000)).isEqualTo(payload);
        }
    }

    @Test
    void a_payload_larger_than_the_limit_evicts_nothing() throws Exception {
        DiskCache cache = open(10_000);
        byte[] small = bytes(0, 1000);
        byte[] large = bytes(1, 20_000);
        cache.keep(sized(small), new ByteArrayInputStream(small));

        assertThatThrownBy(() -> cache.keep(sized(large), new ByteArrayInputStream(large)))
                .isInstanceOf(DiskTroubleException.class);

        assertThat(cache.payload(sized(small))).isNotNull();
    }

    @Test
    void a_wrong_or_cut_off_download_leaves_nothing() throws Exception {
        DiskCache cache = open(10_000);
        byte[] payload = bytes(0, 1000);
        byte[] wrong = bytes(1, 1000);

        assertThatThrownBy(() -> cache.keep(sized(payload), new ByteArrayInputStream(wrong)))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> cache.keep(sized(payload), new ByteArrayInputStream(payload, 0, 999)))
                .isInstanceOf(RefusedException.class);

        assertThat(cacheFolder().resolve("tmp")).isEmptyDirectory();
        assertThat(cacheFolder().resolve("payloads")).isEmptyDirectory();
    }

    @Test
    void a_crashed_writers_temporary_is_removed_when_it_is_old_and_room_is_needed() throws Exception {
        DiskCache cache = open(10_000);
        Path left = cacheFolder().resolve("tmp").resolve("99999-1-1");
        Files.write(left, new byte[8000]);
        byte[] payload = bytes(0, 5000);
        assertThatThrownBy(() -> cache.keep(sized(payload), new ByteArrayInputStream(payload)))
                .isInstanceOf(DiskTroubleException.class);

        now = now.plusSeconds(3600);
        cache.keep(sized(payload), new ByteArrayInputStream(payload));

        assertThat(left).doesNotExist();
    }

    @Test
    void a_payload_without_an_index_is_hashed_before_it_is_loaded_and_remembered() throws Exception {
        byte[] payload = bytes(0, 1000);
        Deployment.Artifact artifact = deployment.artifact(0, payload, new byte[] {1}, Optional.empty());
        MemorySource source = new MemorySource();
        deployment.trust(source, Instant.now());
        source.put(artifact.attestation().key(), artifact.envelope(), payload);
        try (var precast = precast(source)) {
            precast.load(Deployment.module(0), () -> Deployment.wasm(0));
        }
        DiskCache cache = open(10 << 20);
        DiskCache.Found kept = cache.payload(sized(payload));
        assertThat(kept).isNotNull();
        assertThat(cache.wasHashed(sized(payload), kept)).isTrue();

        damage(cacheFolder().resolve("payloads").resolve(Digest.of(payload).hex()), 1);

        assertThat(cache.wasHashed(sized(payload), cache.payload(sized(payload))))
                .isFalse();
        try (var precast = precast(source)) {
            precast.load(Deployment.module(0), () -> Deployment.wasm(0));
        }
        assertThat(cache.payload(sized(payload)).bytes().read(0, 1000)).isEqualTo(payload);
    }

    @Test
    void a_bundle_is_a_file_to_map_only_if_it_was_hashed_whole() throws Exception {
        MemorySource source = source(1, 1000);
        assertThat(fileOf(source)).as("hashed during the download").isPresent();
        assertThat(fileOf(source)).as("the hash is remembered by the next host").isPresent();

        Files.delete(only(cacheFolder().resolve("used")));

        assertThat(fileOf(source))
                .as("without the mark, the file counts as not hashed")
                .isEmpty();
    }

    private Optional<PayloadFile> fileOf(ArtifactSource source) {
        EngineLoader<Optional<PayloadFile>> mapping = new EngineLoader<>() {
            @Override
            public List<Lane> lanes() {
                return List.of(Deployment.LANE);
            }

            @Override
            public Optional<PayloadFile> load(VerifiedArtifact artifact) {
                return artifact.payload().file();
            }

            @Override
            public Optional<PayloadFile> interpret(byte[] wasm) {
                throw new AssertionError("the artifact is there");
            }
        };
        try (var precast = Precast.builder(mapping)
                .source(source)
                .trustRoot(deployment.rootText())
                .diskCache(cacheFolder(), 10 << 20)
                .onMiss(MissPolicy.fail())
                .build()) {
            return precast.load(Deployment.module(0), () -> Deployment.wasm(0));
        }
    }

    /** Flips a bit, or cuts the file. */
    private static void damage(Path file, int seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = Files.readAllBytes(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        if (seed % 2 == 0) {
            Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        } else {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    }

    @Test
    void damaged_files_give_no_bad_load() throws Exception {
        MemorySource source = source(1, 2000);
        try (var precast = precast(source)) {
            precast.load(Deployment.module(0), () -> Deployment.wasm(0));
        }
        Path payload = only(cacheFolder().resolve("payloads"));
        Path attestation = only(cacheFolder().resolve("attestations"));
        Random random = Scale.random(DiskCacheTest.class);
        for (int i = 0; i < Scale.of(100, 1_000); i++) {
            damage(i % 10 < 8 ? payload : attestation, random.nextInt());
            try (var precast = precast(source)) {
                assertThat(precast.load(Deployment.module(0), () -> Deployment.wasm(0))
                                .readAll())
                        .isEqualTo(2000);
            }
        }
    }

    @Test
    void a_payload_damaged_under_a_loaded_module_is_downloaded_again() throws Exception {
        try (var precast = precast(source(1, 2000))) {
            BundleLoader.Loaded loaded = precast.load(Deployment.module(0), () -> Deployment.wasm(0));
            Path file = only(cacheFolder().resolve("payloads"));
            for (int round = 0; round < 3; round++) {
                byte[] zeros = new byte[(int) Files.size(file)];
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                Files.write(file, zeros);
                assertThat(loaded.readAll()).isEqualTo(2000);
            }
        }
    }

    @Test
    void a_prefetch_leaves_no_payload_open() throws Exception {
        try (var precast = precast(source(20, 1000))) {
            List<ModuleDigest> wanted =
                    IntStream.range(0, 20).mapToObj(Deployment::module).toList();

            assertThat(precast.prefetch(wanted, Duration.ofMinutes(1), p -> {}))
                    .allSatisfy(came -> assertThat(came).isInstanceOf(Prefetched.Ready.class));
            assertThat(openPayloads()).as("open payloads after downloads").isZero();

            assertThat(precast.prefetch(wanted, Duration.ofMinutes(1), p -> {}))
                    .allSatisfy(came -> assertThat(came).isEqualTo(new Prefetched.Ready(came.module(), 0)));
            assertThat(openPayloads())
                    .as("open payloads after a prefetch of stored artifacts")
                    .isZero();
        }
    }

    /** Descriptors of this process that lead into the cache's payloads. */
    private int openPayloads() throws IOException {
        Path payloads = cacheFolder().resolve("payloads").toRealPath();
        int open = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    if (Files.readSymbolicLink(descriptor).startsWith(payloads)) {
                        open++;
                    }
                } catch (NoSuchFileException e) {
                    continue; // Closed meanwhile.
                }
            }
        }
        return open;
    }

    private static Path only(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }
}
