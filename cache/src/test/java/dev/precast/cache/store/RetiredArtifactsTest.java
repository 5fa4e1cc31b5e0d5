package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses stores on files. File times follow the system clock; the service's clock is ahead of it by a chosen time. */
class RetiredArtifactsTest {
    private static final SigningKey KEY = SigningKey.generate();
    private static final Lane LANE = new Lane(
            EngineId.parse("copy@1.0.0+1"),
            new EngineHash(Digest.of(new byte[] {1})),
            CompileConfig.parse("{}"),
            Target.JVM);

    @TempDir
    Path folder;

    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);
    private final TrustPolicy policy = new TrustPolicy(
            1,
            Instant.EPOCH,
            Instant.parse("2199-01-01T00:00:00Z"),
            Duration.ZERO,
            List.of(new TrustedKey(
                    KEY.verifyingKey(),
                    "test",
                    Set.of(),
                    Set.of(),
                    Instant.EPOCH,
                    Instant.parse("2199-01-01T00:00:00Z"))),
            List.of(),
            Set.of(),
            Set.of());
    private final AttestationVerifier verifier = new AttestationVerifier(() -> policy, clock);
    private FileDocumentStore documents;
    private FileContentStore payloads;
    private Artifacts artifacts;
    private RetiredArtifacts retired;

    @BeforeEach
    void open() {
        documents = new FileDocumentStore(folder.resolve("documents"));
        payloads = new FileContentStore(folder.resolve("payloads"));
        artifacts = new Artifacts(documents, payloads, verifier);
        retired = new RetiredArtifacts(documents, documents, payloads, payloads, verifier, clock);
    }

    private static byte[] payload(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Stores the payload, then the attestation, like a worker. */
    private ArtifactKey publish(int module, String payload) throws IOException {
        byte[] bytes = payload(payload);
        payloads.put(new ByteArrayInputStream(bytes), null, 1000);
        Attestation attestation = attestation(module, bytes);
        assertThat(artifacts.publish(attestation, attestation.sign(KEY))).isEmpty();
        return attestation.key();
    }

    private static Attestation attestation(int module, byte[] payload) {
        return new Attestation(
                ModuleDigest.of(new byte[] {(byte) module}),
                1,
                LANE,
                "copy/1",
                new SizedDigest(Digest.of(payload), payload.length),
                Optional.empty(),
                Optional.empty(),
                Digest.of(new byte[] {2}),
                "test",
                "test",
                Instant.now(),
                Instant.now());
    }

    private void retireAll() {
        listed().forEach(entry -> assertThat(retired.retire(entry)).isTrue());
    }

    private List<RetiredArtifacts.Entry> listed() {
        List<RetiredArtifacts.Entry> entries = new ArrayList<>();
        retired.forEach(entries::add);
        return entries;
    }

    private boolean isStored(String payload) {
        return payloads.find(Digest.of(payload(payload))).isPresent();
    }

    @Test
    void a_retired_artifact_is_absent_but_its_payload_is_available_for_a_day() throws Exception {
        ArtifactKey key = publish(1, "payload");
        retireAll();

        assertThat(artifacts.find(key)).isEmpty();
        assertThat(retired.find(key)).isPresent();
        retired.sweep();
        ahead = Duration.ofHours(23);
        retired.sweep();
        assertThat(isStored("payload")).isTrue();

        ahead = Duration.ofHours(26);
        assertThat(retired.sweep()).isEqualTo(new RetiredArtifacts.Swept(1, payload("payload").length));
        assertThat(isStored("payload")).isFalse();
        assertThat(retired.find(key)).isEmpty();
    }

    @Test
    void a_payload_that_another_artifact_needs_stays() throws Exception {
        publish(1, "shared");
        ArtifactKey other = publish(2, "shared");
        RetiredArtifacts.Entry first = listed().stream()
                .filter(entry -> !entry.attestation().key().equals(other))
                .findFirst()
                .orElseThrow();
        retired.retire(first);
        ahead = Duration.ofDays(2);

        assertThat(retired.sweep().payloads()).isZero();
        assertThat(artifacts.find(other)).isPresent();
    }

    @Test
    void old_unreferenced_payloads_are_deleted() throws Exception {
        payloads.put(new ByteArrayInputStream(payload("orphan")), null, 1000);
        assertThat(retired.sweep().payloads()).isZero();
        ahead = Duration.ofHours(26);

        assertThat(retired.sweep().payloads()).isEqualTo(1);
    }

    @Test
    void an_attestation_that_was_replaced_since_it_was_listed_is_left_alone() throws Exception {
        ArtifactKey key = publish(1, "payload");
        RetiredArtifacts.Entry listed = listed().getFirst();
        documents.delete(listed.name(), listed.version());
        Thread.sleep(1100); // Times are written to the second, and another attestation differs.
        publish(1, "payload");

        assertThat(retired.retire(listed)).isFalse();
        assertThat(artifacts.find(key)).isPresent();
    }

    @Test
    void workers_that_publish_while_old_payloads_are_swept_lose_nothing_in_the_end() throws Exception {
        AtomicBoolean retiring = new AtomicBoolean(true);
        AtomicBoolean over = new AtomicBoolean();
        Thread sweeping = new Thread(() -> {
            while (!over.get()) {
                if (retiring.get()) {
                    documents.names("attestations/", null, 10).forEach(this::forget);
                }
                retired.sweep();
            }
        });
        sweeping.start();
        ArtifactKey key = publishAsAWorker();
        for (int i = 0; i < 300; i++) {
            age("again");
            publishAsAWorker();
        }
        retiring.set(false);
        age("again");
        publishAsAWorker();
        Thread.sleep(200);
        over.set(true);
        sweeping.join();

        if (artifacts.find(key).isEmpty()) {
            publishAsAWorker(); // If the sweeper won the last race, the next request compiles it again.
            retired.sweep();
        }
        assertThat(artifacts.find(key)).isPresent();
    }

    /** Deletes the attestation without a record of its retirement, so that nothing refers to the payload. */
    private void forget(String attestation) {
        documents.find(attestation).ifPresent(d -> documents.delete(attestation, d.version()));
    }

    private void age(String payload) throws IOException {
        String hex = Digest.of(payload(payload)).hex();
        try {
            Files.setLastModifiedTime(
                    folder.resolve("payloads").resolve(hex.substring(0, 2)).resolve(hex),
                    FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        } catch (NoSuchFileException e) {
            // Swept.
        }
    }

    /** A worker that finds its artifact missing publishes it again. */
    private ArtifactKey publishAsAWorker() throws IOException, InterruptedException {
        // The sweeper runs all the time, so on a busy machine a worker may lose to it many times.
        for (int attempt = 0; attempt < 1000; attempt++) {
            byte[] bytes = payload("again");
            payloads.put(new ByteArrayInputStream(bytes), null, 1000);
            Attestation made = attestation(1, bytes);
            if (artifacts.publish(made, made.sign(KEY)).isEmpty()) {
                return made.key();
            }
            Thread.sleep(1);
        }
        throw new AssertionError("an artifact could not be published 1000 times");
    }
}
