package dev.precast.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.damage.Healed;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore.Put;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.StoredArtifact;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptArtifactsTest {
    private static final int SIZE = 100_000;
    private static final Digest SOME = Digest.of(new byte[] {1});
    private static final Lane LANE = new Lane(
            EngineId.parse("copy@1.0.0+1"), new EngineHash(SOME), CompileConfig.parse("{\"level\":1}"), Target.JVM);
    private static final SigningKey KEY = SigningKey.generate();

    @TempDir
    private Path folder;

    /** An artifact of the upstream. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Built(ArtifactKey key, StoredArtifact artifact, byte[] payload) {
        static Built of(String name) {
            byte[] payload = new byte[SIZE];
            new Random(name.hashCode()).nextBytes(payload);
            ModuleDigest module = ModuleDigest.of(name.getBytes(StandardCharsets.UTF_8));
            Attestation attestation = new Attestation(
                    module,
                    10,
                    LANE,
                    "copy/1",
                    new SizedDigest(Digest.of(payload), SIZE),
                    Optional.empty(),
                    Optional.empty(),
                    SOME,
                    "jdk",
                    "test",
                    Instant.EPOCH,
                    Instant.EPOCH);
            ArtifactKey key = LANE.id().key(module);
            byte[] envelope = attestation.sign(KEY).toJson();
            return new Built(key, KeptArtifacts.artifact(key, envelope).orElseThrow(), payload);
        }

        InputStream bytes() {
            return new ByteArrayInputStream(payload);
        }

        Put keepIn(KeptArtifacts kept) throws IOException {
            return kept.keep(key, artifact, artifact.payload(), bytes(), growing -> {});
        }
    }

    private KeptArtifacts kept(long budget) {
        return new KeptArtifacts(folder, budget, new EdgeMetrics(new SimpleMeterRegistry()));
    }

    /** Total size of the files of payloads. */
    private long onDisk() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("payloads"))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private Path file(Built built) {
        String hex = built.artifact.payload().digest().hex();
        return folder.resolve("payloads").resolve(hex.substring(0, 2)).resolve(hex);
    }

    @Test
    void what_is_kept_is_found_again_also_after_a_restart() throws Exception {
        Built one = Built.of("one");
        assertThat(one.keepIn(kept(1 << 20))).isInstanceOf(Put.Stored.class);

        KeptArtifacts after = kept(1 << 20);

        assertThat(after.find(one.key)).contains(one.artifact);
        assertThat(after.check(one.key)).isEqualTo(Healed.WHOLE);
        assertThat(after.usedBytes()).isBetween((long) SIZE, SIZE + 10_000L);
    }

    @Test
    void other_bytes_than_the_attested_ones_are_not_kept() throws Exception {
        Built one = Built.of("one");
        Built other = Built.of("other");
        KeptArtifacts kept = kept(1 << 20);

        assertThat(kept.keep(one.key, one.artifact, one.artifact.payload(), other.bytes(), growing -> {}))
                .isInstanceOf(Put.WrongDigest.class);
        assertThat(kept.keep(
                        one.key,
                        one.artifact,
                        one.artifact.payload(),
                        new ByteArrayInputStream(new byte[SIZE + 1]),
                        growing -> {}))
                .isInstanceOf(Put.TooLarge.class);

        assertThat(kept.find(one.key)).isEmpty();
        assertThat(onDisk()).isZero();
        assertThat(kept.usedBytes()).isZero();
    }

    @Test
    void the_least_recently_used_artifacts_go_first_and_files_stay_within_the_budget() throws Exception {
        long budget = 3 * SIZE + 40_000;
        KeptArtifacts kept = kept(budget);
        Built old = Built.of("old");
        Built used = Built.of("used");
        Built newest = Built.of("newest");
        used.keepIn(kept);
        old.keepIn(kept);
        assertThat(kept.find(used.key)).isPresent();

        newest.keepIn(kept);

        assertThat(kept.find(old.key)).isEmpty();
        assertThat(kept.find(used.key)).isPresent();
        assertThat(kept.find(newest.key)).isPresent();
        assertThat(onDisk()).isEqualTo(2L * SIZE);
        assertThat(kept.usedBytes()).isLessThanOrEqualTo(budget);
    }

    @Test
    void room_is_made_before_the_first_byte_is_written() throws Exception {
        KeptArtifacts kept = kept(3 * SIZE + 40_000);
        Built.of("one").keepIn(kept);
        Built.of("two").keepIn(kept);
        Built three = Built.of("three");
        InputStream watched = new FilterInputStream(three.bytes()) {
            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                assertThat(onDisk()).isEqualTo(SIZE);
                return super.read(into, from, length);
            }
        };

        kept.keep(three.key, three.artifact, three.artifact.payload(), watched, growing -> {});

        assertThat(kept.find(three.key)).isPresent();
        assertThat(folder.resolve("incoming")).isEmptyDirectory();
    }

    @Test
    void a_download_is_readable_while_it_runs_except_for_its_last_byte() throws Exception {
        KeptArtifacts kept = kept(1 << 20);
        Built one = Built.of("one");
        AtomicReference<Blob> started = new AtomicReference<>();
        byte[] early = new byte[SIZE - 1];
        InputStream watched = new FilterInputStream(one.bytes()) {
            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                int n = super.read(into, from, length);
                if (n < 0) {
                    try (InputStream host = started.get().open()) {
                        assertThat(host.readNBytes(early, 0, SIZE - 1)).isEqualTo(SIZE - 1);
                    }
                }
                return n;
            }
        };

        kept.keep(one.key, one.artifact, one.artifact.payload(), watched, started::set);

        assertThat(early).isEqualTo(Arrays.copyOf(one.payload, SIZE - 1));
        try (InputStream late = started.get().open(10)) {
            assertThat(late.readAllBytes()).isEqualTo(Arrays.copyOfRange(one.payload, 10, SIZE));
        }
    }

    @Test
    void a_host_that_reads_wrong_bytes_does_not_get_the_last_one() throws Exception {
        KeptArtifacts kept = kept(1 << 20);
        Built one = Built.of("one");
        Built other = Built.of("other");
        CompletableFuture<byte[]> host = new CompletableFuture<>();

        kept.keep(one.key, one.artifact, one.artifact.payload(), other.bytes(), growing -> {
            try {
                InputStream in = growing.open();
                Thread.startVirtualThread(() -> {
                    try (in) {
                        host.complete(in.readAllBytes());
                    } catch (IOException e) {
                        host.completeExceptionally(e);
                    }
                });
            } catch (IOException e) {
                host.completeExceptionally(e);
            }
        });

        assertThatThrownBy(() -> host.get(30, TimeUnit.SECONDS))
                .hasRootCauseMessage("download: the upstream did not send the attested bytes");
    }

    @Test
    void what_never_fits_evicts_nothing() throws Exception {
        KeptArtifacts kept = kept(2 * SIZE + 20_000);
        Built one = Built.of("one");
        one.keepIn(kept);
        Built two = Built.of("two");
        SizedDigest large = new SizedDigest(SOME, 2 * SIZE);

        assertThat(kept.fits(large)).isFalse();
        assertThat(kept.keep(two.key, two.artifact, large, two.bytes(), growing -> {}))
                .isInstanceOf(Put.Full.class);

        assertThat(kept.find(one.key)).isPresent();
        assertThat(onDisk()).isEqualTo(SIZE);
    }

    @Test
    void a_download_beside_another_without_room_for_both_is_not_kept() throws Exception {
        KeptArtifacts kept = kept(3 * SIZE);
        Built one = Built.of("one");
        Built two = Built.of("two");

        kept.keep(one.key, one.artifact, one.artifact.payload(), one.bytes(), growing -> {
            try {
                assertThat(two.keepIn(kept)).isInstanceOf(Put.Full.class);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(kept.find(one.key)).isPresent();
    }

    @Test
    void a_smaller_budget_holds_from_the_start_and_keeps_the_newest() throws Exception {
        KeptArtifacts before = kept(1 << 20);
        Built old = Built.of("old");
        Built newer = Built.of("newer");
        newer.keepIn(before);
        old.keepIn(before);
        Files.setLastModifiedTime(file(old), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));

        KeptArtifacts after = kept(SIZE + 20_000);

        assertThat(after.find(old.key)).isEmpty();
        assertThat(after.find(newer.key)).isPresent();
        assertThat(onDisk()).isEqualTo(SIZE);
    }

    @Test
    void a_rotten_file_is_found_and_deleted_so_that_it_is_fetched_again() throws Exception {
        KeptArtifacts kept = kept(1 << 20);
        Built one = Built.of("one");
        one.keepIn(kept);
        byte[] rotten = Files.readAllBytes(file(one));
        rotten[SIZE / 2] ^= 1;
        Files.write(file(one), rotten);

        assertThat(kept.check(one.key)).isEqualTo(Healed.REBUILT);
        assertThat(file(one)).doesNotExist();
        one.keepIn(kept);

        assertThat(kept.check(one.key)).isEqualTo(Healed.WHOLE);
    }

    @Test
    void bytes_without_an_attestation_and_attestations_without_bytes_go_at_the_start() throws Exception {
        KeptArtifacts before = kept(1 << 20);
        Built noBytes = Built.of("no bytes");
        Built noAttestation = Built.of("no attestation");
        noBytes.keepIn(before);
        noAttestation.keepIn(before);
        Files.delete(file(noBytes));
        Files.delete(attestation(noAttestation));

        KeptArtifacts after = kept(1 << 20);

        assertThat(after.find(noBytes.key)).isEmpty();
        assertThat(attestation(noBytes)).doesNotExist();
        assertThat(file(noAttestation)).doesNotExist();
        assertThat(after.usedBytes()).isZero();
    }

    private Path attestation(Built built) {
        return folder.resolve("documents").resolve(DocumentNames.attestation(built.key));
    }

    @Test
    void an_attestation_of_another_key_is_none() {
        Built one = Built.of("one");
        Built other = Built.of("other");

        assertThat(KeptArtifacts.artifact(other.key, one.artifact.state().envelope()))
                .isEmpty();
        assertThat(KeptArtifacts.artifact(one.key, new byte[] {'{'})).isEmpty();
    }
}
