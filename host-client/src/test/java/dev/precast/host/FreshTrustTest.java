package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.Check;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.trust.TrustKeeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host does with the proof that a policy is current. */
final class FreshTrustTest {
    private Instant now = Instant.parse("2026-06-01T00:00:00Z");
    private final Deployment deployment = new Deployment();
    private final PrecastCounters counters = new PrecastCounters();
    private final List<String> warnings = new ArrayList<>();
    private WireServer server;
    private TrustKeeper trust;

    @BeforeEach
    void start() throws Exception {
        server = new WireServer();
        serve(1, 1);
        PrecastListener warned = event -> {
            if (event instanceof PrecastEvent.Degraded degraded) {
                warnings.add(degraded.what());
            }
        };
        trust = new TrustKeeper(
                TrustRoot.parse(deployment.rootText()),
                Freshness.ON,
                List.of(ServiceClient.of(server.uri())),
                null,
                () -> now,
                new Listeners(List.of(counters, warned)),
                Duration.ofDays(1));
    }

    @AfterEach
    void stop() {
        trust.close();
        server.close();
    }

    /** Serves a policy, and a proof that is made now about another or the same one. */
    private void serve(long policy, long current) {
        server.policy = deployment.policy(policy).toJson();
        byte[] proof =
                deployment.proof(deployment.policy(current).toJson(), now).toJson();
        server.current = () -> proof;
    }

    private void refreshAfter(Duration time) {
        now = now.plus(time);
        trust.run();
    }

    private long proofsAsked() {
        return server.requests.stream()
                .filter(request -> request.equals("GET /v1/trust/current"))
                .count();
    }

    @Test
    void a_running_host_asks_for_the_proof_once_an_hour_in_the_background() {
        trust.current();
        long atTheStart = proofsAsked();
        for (int minutes = 0; minutes < 120; minutes++) {
            refreshAfter(Duration.ofMinutes(1));
        }

        assertThat(proofsAsked() - atTheStart).isBetween(2L, 3L);
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_policy_that_sources_withhold_is_reported_once_a_proof() {
        refreshAfter(Duration.ZERO);
        now = now.plus(Duration.ofHours(1));
        serve(1, 2);
        Instant proven = now;

        refreshAfter(Duration.ZERO);
        assertThat(warnings)
                .as("another replica may have the policy in a second")
                .isEmpty();
        refreshAfter(Duration.ofSeconds(30));
        refreshAfter(Duration.ofSeconds(30));

        assertThat(warnings)
                .containsExactly("trust policy: version 1 is in use, but version 2 was current at " + proven
                        + ", and no source has it");
        serve(2, 2);
        refreshAfter(Duration.ofHours(1));
        refreshAfter(Duration.ofSeconds(30));
        assertThat(warnings).hasSize(1);
        assertThat(trust.get().version()).isEqualTo(2);
    }

    @Test
    void a_proof_that_is_not_renewed_is_reported_once() {
        refreshAfter(Duration.ZERO);
        for (int hours = 0; hours < 30; hours++) {
            refreshAfter(Duration.ofHours(1));
        }

        assertThat(warnings).hasSize(1);
        assertThat(warnings.get(0))
                .contains("version 1 is in use, but no source proves any longer that it is current")
                .contains("statement of the current policy expired at 2026-06-02T00:00:00Z");
        assertThat(trust.current()).isNotNull();
    }

    @Test
    void a_forged_proof_is_refused_and_changes_nothing() {
        Deployment other = new Deployment(SigningKey.generate(), deployment.signer);
        refreshAfter(Duration.ZERO);
        server.current = () -> other.proof(other.policy(9).toJson(), now).toJson();

        refreshAfter(Duration.ofHours(1));
        refreshAfter(Duration.ofSeconds(30));

        assertThat(counters.refused(Check.SIGNATURE)).isEqualTo(1);
        assertThat(warnings).isEmpty();
        assertThat(trust.get().version()).isEqualTo(1);
    }

    @Test
    void an_online_key_that_was_replaced_counts_no_more() {
        refreshAfter(Duration.ZERO);
        byte[] replaced =
                deployment.proof(deployment.policy(99).toJson(), 1, now, now).toJson();
        server.current = () -> replaced;
        refreshAfter(Duration.ofHours(1));
        byte[] fresh = deployment.proof(server.policy, 2, now, now).toJson();
        server.current = () -> fresh;
        refreshAfter(Duration.ofHours(1));
        refreshAfter(Duration.ofSeconds(30));
        assertThat(warnings).isEmpty();

        server.current = () -> replaced;
        refreshAfter(Duration.ofHours(1));
        refreshAfter(Duration.ofSeconds(30));

        assertThat(warnings).isEmpty();
        assertThat(counters.refused(Check.POLICY)).isEqualTo(1);
    }
}
