package dev.precast.host.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.Envelope;
import dev.precast.attestation.PolicyAge;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.Freshness;
import dev.precast.host.MemorySource;
import dev.precast.host.PrecastCounters;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ExpiryWatchTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey root = SigningKey.generate();
    private final List<PrecastEvent.PolicyExpires> told = new ArrayList<>();
    private final PrecastCounters counters = new PrecastCounters();
    private final PrecastListener listener = event -> {
        counters.on(event);
        if (event instanceof PrecastEvent.PolicyExpires expires) {
            told.add(expires);
        }
    };
    private Instant now = ISSUED;

    private Envelope policy(long version, Instant issuedAt) {
        return new TrustPolicy(
                        version,
                        issuedAt,
                        issuedAt.plus(Duration.ofDays(90)),
                        Duration.ofDays(7),
                        List.of(),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(root);
    }

    @Test
    void a_host_tells_once_for_each_step_that_its_policy_expires() {
        MemorySource source = new MemorySource();
        source.trust(policy(1, ISSUED));
        try (TrustKeeper keeper = new TrustKeeper(
                new TrustRoot(root.verifyingKey()),
                Freshness.OFF,
                List.of(source),
                null,
                () -> now,
                listener,
                Duration.ofSeconds(30))) {
            for (int day = 0; day < 100; day++) {
                now = ISSUED.plus(Duration.ofDays(day));
                keeper.run();
                keeper.run();
            }
            assertThat(told)
                    .extracting(PrecastEvent.PolicyExpires::age)
                    .containsExactly(
                            PolicyAge.DAYS_30, PolicyAge.DAYS_7, PolicyAge.DAY_1, PolicyAge.GRACE, PolicyAge.OVER);
            assertThat(told.get(0))
                    .isEqualTo(new PrecastEvent.PolicyExpires(
                            1, Instant.parse("2026-04-01T00:00:00Z"), PolicyAge.DAYS_30));
            assertThat(counters.policyExpires()).isEqualTo(5);

            source.trust(policy(2, now));
            keeper.run();
            assertThat(told).hasSize(5);
        }
    }
}
