package dev.precast.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.ContentStore.Put;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import dev.precast.s3.FaultyProxy.Fate;
import dev.precast.testing.Scale;
import dev.precast.testkit.server.RealServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Faults of the server: unexpected, late and lost answers. */
class S3ServerFaultsIT {
    @RegisterExtension
    private static final Gateway GATEWAY = new Gateway();

    /** Fates of the next writes; later writes pass. */
    private final Deque<Fate> writes = new ArrayDeque<>();

    @Test
    void a_document_whose_answer_was_lost_is_known_as_written() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            writes.add(Fate.LOSE_ANSWER);
            String created = stores.documents().put("a", bytes("one"), null).orElseThrow();
            writes.add(Fate.LOSE_ANSWER);
            String replaced = stores.documents().put("a", bytes("two"), created).orElseThrow();

            DocumentStore.Document now = stores.documents().find("a").orElseThrow();
            assertThat(now.version()).isEqualTo(replaced).isNotEqualTo(created);
            assertThat(now.bytes()).isEqualTo(bytes("two"));
            assertThat(writes).isEmpty();
        }
    }

    @Test
    void the_same_bytes_of_another_writer_are_not_taken_for_its_own() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            stores.documents().put("a", bytes("same"), null);
            // The first attempt does not reach the server; the answer of the second is that the object exists.
            writes.add(Fate.UNAVAILABLE);

            assertThat(stores.documents().put("a", bytes("same"), null)).isEmpty();
            assertThat(writes).isEmpty();
        }
    }

    @Test
    void content_whose_answer_was_lost_counts_as_created() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            writes.add(Fate.LOSE_ANSWER);

            assertThat(stores.payloads().put(new ByteArrayInputStream(bytes("content")), null, 100))
                    .isEqualTo(new Put.Stored(Digest.of(bytes("content")), 7, ContentStore.Before.ABSENT));
        }
    }

    @Test
    void a_deletion_whose_answer_was_lost_is_known_as_done() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            String version = stores.documents().put("a", bytes("one"), null).orElseThrow();
            writes.add(Fate.LOSE_ANSWER);

            assertThat(stores.documents().delete("a", version)).isTrue();
            assertThat(stores.documents().find("a")).isEmpty();
        }
    }

    @Test
    void a_conflict_with_another_request_is_tried_again() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            writes.add(Fate.CONFLICT);
            writes.add(Fate.CONFLICT);

            assertThat(stores.documents().put("a", bytes("one"), null)).isPresent();
            assertThat(writes).isEmpty();
        }
    }

    @Test
    void with_three_answers_in_ten_an_error_nothing_fails_and_nothing_is_partial() throws Exception {
        Random random = Scale.random(S3ServerFaultsIT.class);
        try (FaultyProxy proxy =
                        new FaultyProxy(GATEWAY.port(), head -> random.nextInt(10) < 3 ? Fate.UNAVAILABLE : Fate.PASS);
                S3Stores stores = open(proxy)) {
            Optional<String> version = Optional.empty();
            for (int i = 0; i < 40; i++) {
                byte[] content = new byte[10_000 + i];
                assertThat(stores.payloads().put(new ByteArrayInputStream(content), Digest.of(content), 100_000))
                        .isEqualTo(new Put.Stored(Digest.of(content), content.length, ContentStore.Before.ABSENT));
                assertThat(stores.payloads().find(Digest.of(content)).map(Blob::size))
                        .contains((long) content.length);
                version = stores.documents().put("counter", new byte[] {(byte) i}, version.orElse(null));
                assertThat(version).isPresent();
            }

            assertThat(stores.available()).isTrue();
            assertThat(stores.documents().find("counter").orElseThrow().bytes()).containsExactly(39);
        }
    }

    @Test
    void nothing_is_left_in_the_spool_folder() throws Exception {
        S3Config config = GATEWAY.config(GATEWAY.prefix());
        try (S3Stores stores = GATEWAY.open(config)) {
            stores.payloads().put(new ByteArrayInputStream(new byte[10]), null, 100);
            stores.payloads().put(new ByteArrayInputStream(new byte[10]), null, 5);

            assertThat(config.spool()).isEmptyDirectory();
        }
    }

    @Test
    void other_objects_in_the_bucket_are_not_listed() throws Exception {
        S3Config config = GATEWAY.config(GATEWAY.prefix());
        try (S3Stores stores = GATEWAY.open(config);
                S3Stores inside = GATEWAY.open(GATEWAY.config(config.prefix() + "documents/Other/"))) {
            inside.payloads().put(new ByteArrayInputStream(new byte[10]), null, 100);
            stores.documents().put("a", new byte[1], null);
            stores.documents().put("z", new byte[1], null);

            assertThat(stores.documents().names("", null, 1)).containsExactly("a");
            assertThat(stores.documents().names("", null, 2)).containsExactly("a", "z");
        }
    }

    @Test
    void a_full_store_is_told_at_once_and_not_tried_again() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), this::fate);
                S3Stores stores = open(proxy)) {
            writes.add(Fate.FULL);
            writes.add(Fate.FULL);
            assertThatThrownBy(() -> stores.payloads().put(new ByteArrayInputStream(bytes("content")), null, 100))
                    .isInstanceOf(StoreFullException.class)
                    .hasMessageContaining("the store is full: the store answered 507 XMinioStorageFull");
            assertThat(writes).hasSize(1);
            assertThat(stores.available()).isTrue();
        }
    }

    @Test
    void the_clock_is_compared_with_that_of_the_store() throws Exception {
        InstantSource ahead = () -> Instant.now().plus(Duration.ofMinutes(5));
        try (S3Stores stores =
                S3Stores.open(GATEWAY.config(GATEWAY.prefix()), Gateway.CREDENTIALS, Duration.ofSeconds(1), ahead)) {
            assertThat(stores.clockAhead().orElseThrow()).isBetween(Duration.ofSeconds(290), Duration.ofSeconds(330));
        }
        try (S3Stores stores = GATEWAY.open(GATEWAY.config(GATEWAY.prefix()))) {
            assertThat(stores.clockAhead().orElseThrow().abs()).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void a_missing_bucket_is_named_and_not_retried() {
        S3Config config = GATEWAY.config("");
        S3Config other = new S3Config("no-such-bucket", "", config.server(), config.calls(), config.spool());

        assertThatThrownBy(() -> GATEWAY.open(other))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryable()).isFalse())
                .hasMessageContaining("writing no-such-bucket/probes/")
                .hasMessageContaining("the store answered 404 NoSuchBucket");
    }

    @Test
    void refused_credentials_are_reported() {
        StaticCredentialsProvider wrong =
                StaticCredentialsProvider.create(AwsBasicCredentials.create("tester", "another secret"));

        assertThatThrownBy(
                        () -> S3Stores.open(GATEWAY.config(""), wrong, Duration.ofSeconds(1), InstantSource.system()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryable()).isFalse())
                .hasMessageContaining("the store answered 403 SignatureDoesNotMatch")
                .hasMessageNotContaining("another secret");
    }

    @Test
    void an_unreachable_server_is_a_temporary_failure() throws Exception {
        S3Config.Calls limits = new S3Config.Calls(Duration.ofSeconds(2), Duration.ofSeconds(3), 128);
        S3Config config = GATEWAY.config("", RealServer.freePort(), limits);

        assertThatThrownBy(() -> GATEWAY.open(config))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryable()).isTrue())
                .hasMessageContaining("Connection refused");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, if-none-match: *, replaced an object although the request had If-None-Match: *",
        "PUT, if-match: , replaced an object although If-Match named another version"
    })
    void a_store_that_ignores_a_condition_of_puts_is_refused_by_name(String method, String header, String why)
            throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), head -> ignoring(head, method, header))) {
            assertThatThrownBy(() -> open(proxy))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.retryable()).isFalse())
                    .hasMessage("S3 store: does not implement conditional puts, which Precast needs: it " + why
                            + "; use another store");
        }
        try (Stream<Path> left = Files.walk(GATEWAY.objects())) {
            assertThat(left.filter(Files::isRegularFile))
                    .noneMatch(file -> file.toString().contains("/probes/"));
        }
    }

    @Test
    void a_store_that_ignores_the_condition_of_deletions_deletes_what_it_looked_at() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), head -> ignoring(head, "DELETE", "if-match: "));
                S3Stores stores = open(proxy)) {
            String one = stores.documents().put("a", bytes("one"), null).orElseThrow();
            String two = stores.documents().put("a", bytes("two"), one).orElseThrow();

            assertThat(stores.documents().delete("a", one)).isFalse();
            assertThat(stores.documents().find("a")).isPresent();
            assertThat(stores.documents().delete("a", two)).isTrue();
            assertThat(stores.documents().find("a")).isEmpty();
        }
    }

    @Test
    void a_server_without_checksums_is_used_but_not_believed() throws Exception {
        AtomicInteger puts = new AtomicInteger();
        byte[] content = {1, 2, 3};
        try (FaultyProxy proxy = new FaultyProxy(GATEWAY.port(), head -> {
                    puts.addAndGet(head.startsWith("PUT") && head.contains("/payloads/") ? 1 : 0);
                    return head.toLowerCase(Locale.ROOT).contains("\nx-amz-checksum-mode: ") ? Fate.REFUSED : Fate.PASS;
                });
                S3Stores stores = open(proxy)) {
            stores.payloads().put(new ByteArrayInputStream(content), null, 3);

            assertThat(stores.payloads().put(new ByteArrayInputStream(content), null, 3))
                    .isEqualTo(new Put.Stored(Digest.of(content), 3, ContentStore.Before.PRESENT));
            assertThat(stores.payloads().find(Digest.of(content))).isPresent();
            assertThat(puts).hasValue(2);
        }
    }

    private static Fate ignoring(String head, String method, String header) {
        boolean ignored =
                head.startsWith(method) && head.toLowerCase(Locale.ROOT).contains("\n" + header);
        return ignored ? Fate.IGNORE_CONDITION : Fate.PASS;
    }

    private synchronized Fate fate(String head) {
        if (head.startsWith("GET") || head.startsWith("HEAD") || head.contains("/probes/")) {
            return Fate.PASS;
        }
        return writes.isEmpty() ? Fate.PASS : writes.remove();
    }

    private static S3Stores open(FaultyProxy proxy) {
        return GATEWAY.open(GATEWAY.config(GATEWAY.prefix(), proxy.port()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
