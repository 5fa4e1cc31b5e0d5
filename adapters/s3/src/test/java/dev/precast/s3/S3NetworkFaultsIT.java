package dev.precast.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentStore.Put;
import dev.precast.cache.store.StoreException;
import dev.precast.testing.Scale;
import dev.precast.testkit.server.Toxics;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Network faults between the stores and the server. */
class S3NetworkFaultsIT {
    private static final Duration PAUSE = Duration.ofSeconds(6);

    @TempDir
    private static Path folder;

    @RegisterExtension
    private static final Gateway GATEWAY = new Gateway();

    private static Toxics toxics;

    private String prefix = "";
    private S3Stores stores;

    @BeforeAll
    static void start() throws Exception {
        toxics = Toxics.before(GATEWAY.port(), folder.resolve("proxy.log"));
    }

    @AfterAll
    static void stop() {
        toxics.close();
    }

    @BeforeEach
    void open() {
        prefix = GATEWAY.prefix();
        stores = GATEWAY.open(GATEWAY.config(prefix, toxics.port()));
    }

    @AfterEach
    void close() throws IOException {
        toxics.heal();
        stores.close();
    }

    @Test
    void seconds_of_delay_are_waited_for() throws IOException {
        toxics.proxy().toxics().latency("slow", ToxicDirection.DOWNSTREAM, Scale.of(2_000, 5_000));

        assertThat(stores.documents().put("a", new byte[] {1}, null)).isPresent();
        assertThat(stores.documents().find("a").orElseThrow().bytes()).containsExactly(1);
    }

    @Test
    void a_store_that_is_slower_than_the_deadline_fails_within_it() throws IOException {
        try (S3Stores impatient = impatient()) {
            toxics.proxy().toxics().latency("slow", ToxicDirection.DOWNSTREAM, 30_000);
            long start = System.nanoTime();

            assertThatThrownBy(() -> impatient.documents().find("a"))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.retryable()).isTrue())
                    .hasMessageContaining("reading precast/" + prefix + "documents/a");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
        }
    }

    @Test
    void connections_that_are_reset_lose_and_double_nothing() throws IOException {
        toxics.proxy()
                .toxics()
                .resetPeer("reset", ToxicDirection.DOWNSTREAM, 30)
                .setToxicity(0.5f);
        Optional<String> version = Optional.empty();
        for (int i = 0; i < 60; i++) {
            version = stores.documents().put("counter", new byte[] {(byte) i}, version.orElse(null));
            assertThat(version).as("put %d", i).isPresent();
        }

        assertThat(stores.documents().find("counter").orElseThrow().bytes()).containsExactly(59);
    }

    static List<Integer> tenths() {
        return Scale.sample(S3NetworkFaultsIT.class, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 2);
    }

    @ParameterizedTest
    @MethodSource("tenths")
    void an_upload_that_is_cut_at_any_tenth_is_never_seen(int tenth) throws Exception {
        byte[] content = random(2 << 20);
        Digest digest = Digest.of(content);
        try (S3Stores impatient = impatient();
                S3Stores direct = GATEWAY.open(GATEWAY.config(prefix))) {
            toxics.proxy().toxics().limitData("cut", ToxicDirection.UPSTREAM, content.length / 10L * tenth + 5_000);

            assertThatThrownBy(
                            () -> impatient.payloads().put(new ByteArrayInputStream(content), digest, content.length))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.retryable()).isTrue());
            assertThat(direct.payloads().find(digest)).isEmpty();
            assertThat(direct.payloads().contents(null, 10)).isEmpty();
            assertThat(GATEWAY.objects().resolve(prefix + "payloads/" + digest.hex()))
                    .doesNotExist();

            toxics.heal();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(
                                    impatient.payloads().put(new ByteArrayInputStream(content), digest, content.length))
                            .isInstanceOf(Put.Stored.class));
            try (InputStream in = direct.payloads().find(digest).orElseThrow().open()) {
                assertThat(Digest.of(in)).isEqualTo(digest);
            }
        }
    }

    @Test
    void a_download_that_is_cut_is_an_io_exception_and_no_end() throws Exception {
        byte[] content = random(2 << 20);
        stores.payloads().put(new ByteArrayInputStream(content), null, content.length);
        try (S3Stores fresh = GATEWAY.open(GATEWAY.config(prefix, toxics.port()))) {
            var blob = fresh.payloads().find(Digest.of(content)).orElseThrow();
            toxics.proxy().toxics().limitData("cut", ToxicDirection.DOWNSTREAM, 1 << 20);

            assertThatThrownBy(() -> {
                        try (InputStream in = blob.open()) {
                            in.readAllBytes();
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_document_that_is_cut_while_it_is_read_is_read_again() throws Exception {
        byte[] large = random(1 << 20);
        stores.documents().put("large", large, null);
        try (S3Stores fresh = GATEWAY.open(GATEWAY.config(prefix, toxics.port()))) {
            // Each connection ends after 1.6 MB: the second read of one is cut.
            toxics.proxy().toxics().limitData("cut", ToxicDirection.DOWNSTREAM, 1_600_000);
            for (int i = 0; i < 6; i++) {
                assertThat(Digest.of(
                                fresh.documents().find("large").orElseThrow().bytes()))
                        .isEqualTo(Digest.of(large));
            }
        }
    }

    @Test
    void a_download_that_stands_still_ends_in_time() throws Exception {
        byte[] content = random(32 << 20) /* more than lies in buffers on the way */;
        stores.payloads().put(new ByteArrayInputStream(content), null, content.length);
        try (S3Stores impatient = impatient();
                InputStream in = patiently(() -> impatient
                        .payloads()
                        .find(Digest.of(content))
                        .orElseThrow()
                        .open())) {
            assertThat(in.read()).isNotNegative();
            GATEWAY.server().process().pause();
            long start = System.nanoTime();

            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        } finally {
            GATEWAY.server().process().resume();
        }
    }

    @Test
    void the_breaker_opens_when_the_store_is_gone_and_closes_when_it_is_back() throws Exception {
        try (S3Stores impatient = impatient()) {
            assertThat(impatient.available()).isTrue();
            toxics.proxy().disable();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThatThrownBy(() -> impatient.documents().find("a"))
                                    .isInstanceOf(StoreException.class)
                                    .hasMessageContaining(
                                            "store unavailable after 12 failures in a row; next attempt in at most 6.0 s"));
            assertThat(impatient.available()).isFalse();

            assertThatThrownBy(() -> impatient.payloads().find(Digest.of(new byte[0])))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.retryable()).isTrue())
                    .hasMessageContaining("store unavailable");

            toxics.heal();
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(impatient::available);
            assertThat(patiently(() -> impatient.documents().find("a"))).isEmpty();
            assertThat(patiently(() -> impatient.documents().find("a"))).isEmpty();
            assertThat(impatient.available()).isTrue();
        }
    }

    /** Stores with 1 s per attempt, 2 s per call and a breaker that stays open for 6 s. */
    private S3Stores impatient() {
        S3Config.Calls limits = new S3Config.Calls(Duration.ofSeconds(1), Duration.ofSeconds(2), 128);
        S3Config config = GATEWAY.config(prefix, toxics.port(), limits);
        return patiently(() -> S3Stores.open(config, Gateway.CREDENTIALS, PAUSE, InstantSource.system()));
    }

    /** Repeats a call that may exceed two seconds on a busy machine. */
    private static <T> T patiently(Callable<T> call) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptionsInstanceOf(StoreException.class)
                .until(call, Objects::nonNull);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
