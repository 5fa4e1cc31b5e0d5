package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreListener.Operation;
import dev.precast.cache.store.StoreListener.Result;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node lacks makes it not ready, or only degraded, and stops its worker. */
class NodeHealthTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();
    private final StoreHealth stores = new StoreHealth();
    private Instant now = START;
    private Optional<String> queueProblem = Optional.empty();
    private Optional<Duration> ahead = Optional.empty();
    private DocumentStore documents = new MemoryDocumentStore();
    private PolicySource policy;
    private DataFolder data;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() throws Exception {
        data = DataFolder.open(folder);
        policy = new PolicySource(
                new TrustRoot(root.verifyingKey()), new MemoryDocumentStore(), folder.resolve("policy.version"));
    }

    @AfterEach
    void close() throws Exception {
        data.close();
    }

    @Test
    void a_policy_is_needed_and_in_its_grace_the_node_is_degraded() throws Exception {
        HealthCheck check = ReadinessChecks.policy(node("0"));
        assertState(check, Status.DOWN, "down", "none in force yet");
        publishPolicy();
        assertThat(check.call().getData()).hasValue(Map.of("state", "ok"));
        now = START.plusSeconds(61);
        assertState(check, Status.UP, "degraded", "policy 1 expired at 2026-01-01T00:01:00Z");
        now = START.plusSeconds(61).plus(Duration.ofDays(1));
        assertState(check, Status.DOWN, "down", "its grace ended");
    }

    @Test
    void a_store_that_fails_is_told_until_a_read_succeeds() {
        HealthCheck check = ReadinessChecks.stores(node("0"));
        MemoryDocumentStore documents = new MemoryDocumentStore();
        Failing failing = new Failing();
        stores.check(failing);
        assertThat(failing.reads).as("reads while no call has failed").isZero();
        stores.called(Operation.FIND, Result.FAILED, 0, 1);
        stores.check(failing);
        assertState(check, Status.DOWN, "down", "bucket: 403");
        stores.check(documents);
        assertThat(check.call().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void a_put_that_fails_while_reads_succeed_leaves_the_node_ready() {
        stores.called(Operation.PUT, Result.FAILED, 0, 1);
        stores.check(new MemoryDocumentStore());
        assertThat(ReadinessChecks.stores(node("0")).call().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void without_the_queue_an_api_node_is_degraded_and_a_worker_is_not_ready() {
        queueProblem = Optional.of("NATS is disconnected");
        assertState(
                ReadinessChecks.queue(node("0"), config(Map.of("precast.role", "api"))),
                Status.UP,
                "degraded",
                "NATS is disconnected");
        assertState(
                ReadinessChecks.queue(node("0"), config(Map.of("precast.role", "worker"))),
                Status.DOWN,
                "down",
                "NATS is disconnected");
    }

    @Test
    void a_disk_with_too_little_space_makes_the_node_not_ready() {
        assertThat(ReadinessChecks.disk(node("0")).call().getStatus()).isEqualTo(Status.UP);
        assertState(
                ReadinessChecks.disk(node("1000000G")), Status.DOWN, "down", "expected at least 1024000000 MiB free");
    }

    @Test
    void a_clock_may_differ_from_the_stores_by_a_minute() throws Exception {
        publishPolicy();
        NodeHealth node = node("0");
        for (Duration small : List.of(Duration.ofSeconds(60), Duration.ofSeconds(-60))) {
            ahead = Optional.of(small);
            assertThat(node.clock()).isEmpty();
            assertThat(node.worker(Optional.empty())).isEmpty();
        }
        ahead = Optional.of(Duration.ofMinutes(-14));
        assertState(ReadinessChecks.clock(node), Status.UP, "degraded", "differs from the store's by -840 s");
        assertThat(node.worker(Optional.empty())).map(Trouble::kind).hasValue(Kind.CLOCK);
    }

    @Test
    void a_wrong_clock_makes_the_node_ask_the_store_for_the_time() {
        Failing failing = new Failing();
        documents = failing;
        NodeHealth node = node("0");
        node.checkStores();
        assertThat(failing.reads).isZero();
        ahead = Optional.of(Duration.ofMinutes(2));
        node.checkStores();
        node.checkStores();
        assertThat(failing.reads).isEqualTo(2);
    }

    @Test
    void a_worker_takes_nothing_without_a_policy_that_lists_its_key() throws Exception {
        assertThat(node("0").worker(Optional.empty())).map(Trouble::kind).hasValue(Kind.POLICY);
        publishPolicy();
        assertThat(node("0").worker(Optional.empty())).isEmpty();
        assertThat(node("0").worker(Optional.of("not listed"))).hasValue(new Trouble(Kind.POLICY, "not listed"));
        now = START.plusSeconds(61); // In the grace hosts still accept what exists, but nothing new.
        assertThat(node("0").worker(Optional.empty())).map(Trouble::kind).hasValue(Kind.POLICY);
    }

    @Test
    void only_a_thread_that_has_ended_fails_the_liveness_probe() {
        assertThat(new ThreadsLive(List::of).call().getStatus()).isEqualTo(Status.UP);
        HealthCheckResponse ended = new ThreadsLive(() -> List.of("heartbeat")).call();
        assertThat(ended.getStatus()).isEqualTo(Status.DOWN);
        assertThat(ended.getData()).hasValue(Map.of("reason", "ended: heartbeat; restart this process"));
    }

    private static void assertState(HealthCheck check, Status status, String state, String reason) {
        HealthCheckResponse response = check.call();
        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getData().orElseThrow()).containsEntry("state", state);
        assertThat(response.getData().orElseThrow().get("reason")).asString().contains(reason);
    }

    private void publishPolicy() throws Exception {
        policy.replace(new TrustPolicy(
                        1,
                        START.minusSeconds(60),
                        START.plusSeconds(60),
                        Duration.ofDays(1),
                        List.of(),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(root)
                .toJson());
    }

    private NodeHealth node(String minFree) {
        PrecastConfig config = config(Map.of("precast.disk.min-free", minFree));
        try {
            Backend embedded = Backend.embedded(data, config, () -> now);
            Backend.Stores found = embedded.stores();
            Backend backend = new Backend(
                    new Backend.Stores(
                            found.modules(),
                            found.payloads(),
                            documents,
                            found.documentListing(),
                            found.payloadListing(),
                            found.moduleListing(),
                            found.payloadLinks()),
                    embedded.messaging(),
                    embedded.changes(),
                    new Backend.Signs(() -> queueProblem, () -> ahead, List::of),
                    embedded.connections());
            return new NodeHealth(config, policy, stores, backend, data, () -> now);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PrecastConfig config(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("user.home", "/home/me");
        return PrecastConfigTest.config(all);
    }

    /** A store that refuses reads. */
    private static final class Failing implements DocumentStore {
        private int reads;

        @Override
        public Optional<Document> find(String name) {
            reads++;
            throw new StoreException("bucket: 403", false, null);
        }

        @Override
        public Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
            throw new StoreException("bucket: 403", false, null);
        }

        @Override
        public boolean delete(String name, String ifVersion) {
            throw new StoreException("bucket: 403", false, null);
        }
    }
}
