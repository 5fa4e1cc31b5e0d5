package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.InProcessChanges;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.MeteredDocumentStore;
import dev.precast.cache.store.StoreListener;
import dev.precast.cache.store.WatchedDocuments;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTrustTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();
    private final MemoryDocumentStore store = new MemoryDocumentStore();
    private int reads;
    private long seconds;

    @TempDir
    private Path folder;

    @BeforeEach
    void keys() {
        KeyFiles.writePublic(folder.resolve("root.pub"), root.verifyingKey().toString());
        KeyFiles.writeSecret(folder.resolve("online.key"), online.secretText());
    }

    private FleetTrust node(String name, String... settings) {
        return node(name, store, settings);
    }

    private FleetTrust node(String name, DocumentStore documents, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "user.home",
                "/",
                "precast.role",
                "api",
                "precast.trust.root",
                folder.resolve("root.pub").toString(),
                "precast.trust.online-key",
                folder.resolve("online.key").toString()));
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            all.put(parts[0], parts[1]);
        }
        return new FleetTrust(PrecastConfigTest.config(all), folder.resolve(name), documents, InstantSource.fixed(NOW));
    }

    @Test
    void an_API_node_signs_that_the_published_policy_is_current() throws Exception {
        FleetTrust first = node("first");
        FleetTrust second = node("second", "precast.trust.statement-life=7d");
        first.freshness()
                .replace(new Appointment(1, online.verifyingKey(), NOW, NOW.plusSeconds(60))
                        .sign(root)
                        .toJson());
        TrustPolicy policy =
                new TrustPolicy(1, NOW, NOW.plusSeconds(60), Duration.ZERO, List.of(), List.of(), Set.of(), Set.of());
        first.policy().replace(policy.sign(root).toJson());

        second.refresh(Duration.ZERO);
        FreshnessProof.Verified proven = FreshnessProof.parse(
                        second.freshness().proof().orElseThrow())
                .verify(new TrustRoot(root.verifyingKey()), 0);
        proven.requireCurrent(second.policy().envelope(), policy);
        assertThat(proven.statement().expiresAt()).isEqualTo(NOW.plus(Duration.ofDays(7)));
        first.refresh(Duration.ZERO);
        assertThat(first.freshness().find()).contains(proven);
    }

    /** A store whose documents are watched, with announcements that are all lost. */
    private WatchedDocuments watched() {
        DocumentStore metered = new MeteredDocumentStore(
                store,
                (operation, result, bytes, nanos) -> reads += operation == StoreListener.Operation.FIND ? 1 : 0,
                System::nanoTime);
        return new WatchedDocuments(
                metered,
                Set.of(PolicySource.DOCUMENT),
                new InProcessChanges(),
                () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    private void publish(long version) {
        TrustPolicy policy = new TrustPolicy(
                version, NOW, NOW.plusSeconds(60), Duration.ZERO, List.of(), List.of(), Set.of(), Set.of());
        store.put(PolicySource.DOCUMENT, policy.sign(root).toJson(), DocumentStore.ANY);
    }

    /** Looks for a new policy every three seconds, as {@link PolicyWatch} does. */
    private void look(FleetTrust node, Duration time, Duration oldest) {
        for (long end = seconds + time.toSeconds(); seconds < end; seconds += 3) {
            node.refresh(oldest);
        }
    }

    @Test
    void a_revocation_is_seen_within_a_minute_although_its_announcement_is_lost() {
        publish(1);
        FleetTrust node = node("api", watched());
        look(node, Duration.ofMinutes(10), DocumentChanges.CHECK_INTERVAL);
        publish(2);

        look(node, DocumentChanges.CHECK_INTERVAL, DocumentChanges.CHECK_INTERVAL);
        node.refresh(DocumentChanges.CHECK_INTERVAL);

        assertThat(node.policy().get().version()).isEqualTo(2);
    }

    @Test
    void an_idle_worker_reads_the_policy_every_ten_minutes_and_checks_it_before_it_compiles() {
        publish(1);
        FleetTrust worker = node("worker", watched(), "precast.role=worker", "precast.trust.online-key=");
        reads = 0;
        look(worker, Duration.ofHours(1), DocumentChanges.IDLE_CHECK_INTERVAL);
        assertThat(reads).isBetween(5, 6);

        publish(2);
        assertThat(worker.policy().get().version()).isEqualTo(1);
        assertThat(worker.policy(DocumentChanges.CHECK_INTERVAL).version())
                .as("the copy is older than a minute")
                .isEqualTo(2);
    }

    @Test
    void a_worker_gets_no_online_key() {
        assertThatThrownBy(() -> node("worker", "precast.role=worker"))
                .hasMessageContaining("precast.trust.online-key: set on a worker");
    }

    @Test
    void an_online_key_that_cannot_be_used_is_refused_with_the_setting_s_name() {
        assertThatThrownBy(() -> node("api", "precast.trust.online-key=/none"))
                .hasMessageContaining("precast.trust.online-key /none: file not found");
        assertThatThrownBy(() -> node("api", "precast.trust.statement-life=8d"))
                .hasMessageContaining("precast.trust.statement-life")
                .hasMessageContaining("expected PT1H to PT168H, found PT192H");
    }
}
