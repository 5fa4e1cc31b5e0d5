package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.MemoryDocumentStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyReadyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();

    @TempDir
    private Path folder;

    @Test
    void a_node_is_ready_once_the_store_holds_a_policy_and_until_that_expires() throws Exception {
        PolicySource policy = new PolicySource(
                new TrustRoot(root.verifyingKey()), new MemoryDocumentStore(), folder.resolve("policy.version"));
        assertThat(status(policy, NOW)).isEqualTo(Status.DOWN);

        policy.replace(new TrustPolicy(
                        1,
                        NOW.minusSeconds(60),
                        NOW.plusSeconds(60),
                        Duration.ofDays(1),
                        List.of(),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(root)
                .toJson());
        assertThat(status(policy, NOW)).isEqualTo(Status.UP);
        assertThat(status(policy, NOW.plusSeconds(61))).isEqualTo(Status.DOWN);
    }

    private static Status status(PolicySource policy, Instant now) {
        return new PolicyReady(policy, () -> now).call().getStatus();
    }
}
