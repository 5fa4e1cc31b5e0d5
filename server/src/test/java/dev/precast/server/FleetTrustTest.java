package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.store.MemoryDocumentStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTrustTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();
    private final MemoryDocumentStore store = new MemoryDocumentStore();

    @TempDir
    private Path folder;

    @BeforeEach
    void keys() {
        KeyFiles.writePublic(folder.resolve("root.pub"), root.verifyingKey().toString());
        KeyFiles.writeSecret(folder.resolve("online.key"), online.secretText());
    }

    private FleetTrust node(String name, String... settings) {
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
        return new FleetTrust(PrecastConfigTest.config(all), folder.resolve(name), store, InstantSource.fixed(NOW));
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

        second.refresh();
        FreshnessProof.Verified proven = FreshnessProof.parse(
                        second.freshness().proof().orElseThrow())
                .verify(new TrustRoot(root.verifyingKey()), 0);
        proven.requireCurrent(second.policy().envelope(), policy);
        assertThat(proven.statement().expiresAt()).isEqualTo(NOW.plus(Duration.ofDays(7)));
        first.refresh();
        assertThat(first.freshness().find()).contains(proven);
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
