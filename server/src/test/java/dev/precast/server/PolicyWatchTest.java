package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.MemoryDocumentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How old the policy of a node may be. */
class PolicyWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();
    private final SigningKey mine = SigningKey.generate();
    private final MemoryDocumentStore documents = new MemoryDocumentStore();
    private Instant now = START;
    private DataFolder data;
    private Recorded trust;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() {
        data = DataFolder.open(folder);
        trust = new Recorded();
    }

    @AfterEach
    void close() throws Exception {
        data.close();
    }

    @Test
    void a_worker_looks_seldom_for_another_policy_unless_it_waits_for_one() throws Exception {
        PolicyWatch worker = watch("worker");
        assertThat(looks(worker)).as("without a policy").isEqualTo(DocumentChanges.CHECK_INTERVAL);
        publish(1, SigningKey.generate());
        assertThat(looks(worker)).as("not listed").isEqualTo(DocumentChanges.CHECK_INTERVAL);
        publish(2, mine);
        assertThat(looks(worker)).as("idle").isEqualTo(DocumentChanges.IDLE_CHECK_INTERVAL);
        now = START.plusSeconds(61);
        assertThat(looks(worker)).as("expired").isEqualTo(DocumentChanges.CHECK_INTERVAL);
    }

    @Test
    void an_api_node_looks_often() throws Exception {
        publish(1, mine);
        assertThat(looks(watch("api"))).isEqualTo(DocumentChanges.CHECK_INTERVAL);
    }

    private Duration looks(PolicyWatch watch) {
        watch.refresh();
        return trust.oldest;
    }

    private PolicyWatch watch(String role) throws Exception {
        PrecastConfig config = PrecastConfigTest.config(Map.of("user.home", "/home/me", "precast.role", role));
        Backend backend = Backend.embedded(data, config, () -> now);
        NodeHealth node = new NodeHealth(config, trust.policy, new StoreHealth(), backend, data, () -> now);
        return new PolicyWatch(trust, node, config, new SimpleMeterRegistry(), () -> now);
    }

    private void publish(long version, SigningKey listed) throws Exception {
        TrustedKey key = new TrustedKey(
                listed.verifyingKey(),
                "urn:precast:builder:embedded",
                Set.of(),
                Set.of(),
                START.minusSeconds(60),
                START.plusSeconds(3600));
        trust.policy.replace(new TrustPolicy(
                        version,
                        START.minusSeconds(60),
                        START.plusSeconds(60),
                        Duration.ofDays(1),
                        List.of(key),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(root)
                .toJson());
    }

    /** The trust of a node, which records how old the policy may be. */
    private final class Recorded implements Trust {
        private final PolicySource policy = new PolicySource(root(), documents, folder.resolve("policy.version"));
        private final FreshnessSource freshness =
                new FreshnessSource(policy, documents, folder.resolve("appointment.version"), null, () -> now);
        private Duration oldest = Duration.ZERO;

        @Override
        public TrustRoot root() {
            return new TrustRoot(root.verifyingKey());
        }

        @Override
        public PolicySource policy() {
            return policy;
        }

        @Override
        public FreshnessSource freshness() {
            return freshness;
        }

        @Override
        public SigningKey signingKey() {
            return mine;
        }

        @Override
        public void refresh(Duration age) {
            oldest = age;
        }

        @Override
        public void renew() {}
    }
}
