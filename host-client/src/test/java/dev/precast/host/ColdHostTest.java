package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.attestation.Check;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustRoot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A host without memory, at a service that replays policy 1, though policy 3 has revoked the key that signed the
 * artifact.
 */
final class ColdHostTest extends ServedHost {
    private static final Instant PROVEN = Instant.parse("2026-06-01T00:00:00Z");
    private static final Duration LIFE = Duration.ofHours(24);

    /** The deployment after its signing key was replaced. */
    private final Deployment rotated = new Deployment(deployment.root, SigningKey.generate());

    private Instant now = PROVEN;

    @BeforeEach
    void replay() {
        clock = () -> now;
        server.policy = deployment.policy(1).toJson();
        server.add(deployment.artifact(1, 1000));
        server.current = () -> new byte[0];
    }

    private PrecastBuilder<BundleLoader.Loaded> cold() {
        return Precast.builder(loader)
                .service(server.uri())
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .clock(() -> now)
                .listener(counters);
    }

    private void proves(byte[] policy) {
        byte[] proof = deployment.proof(policy, PROVEN).toJson();
        server.current = () -> proof;
    }

    private void loads(PrecastBuilder<BundleLoader.Loaded> host) throws Exception {
        try (Precast<BundleLoader.Loaded> precast = host.build()) {
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    private void refuses(PrecastBuilder<BundleLoader.Loaded> host, String... why) {
        try (Precast<BundleLoader.Loaded> precast = host.build()) {
            assertThat(catchThrowableOfType(
                                    ArtifactMissingException.class,
                                    () -> precast.load(Deployment.module(1), NEVER_ASKED))
                            .reason())
                    .isInstanceOfSatisfying(MissReason.Refused.class, refused -> {
                        assertThat(refused.check()).isEqualTo(Check.POLICY);
                        assertThat(refused.detail()).contains(why);
                    });
        }
        assertThat(loader.loads).hasValue(0);
    }

    private long proofsAsked() {
        return server.requests.stream()
                .filter(request -> request.endsWith("/v1/trust/current"))
                .count();
    }

    @Test
    void a_policy_without_a_proof_is_refused() {
        refuses(
                cold(),
                "trust policy 1 is not proven to be current (no source has a proof); a host without a network needs "
                        + "its root as KEY@VERSION, or freshness=off");
    }

    @Test
    void a_replayed_policy_is_refused_with_its_old_proof() {
        proves(server.policy);
        now = PROVEN.plus(LIFE);

        refuses(
                cold(),
                "trust policy 1 is not proven to be current",
                "statement of the current policy expired at " + now);
    }

    @Test
    void a_replayed_policy_is_refused_with_the_proof_of_the_newer_one() {
        proves(rotated.policy(3).toJson());

        refuses(cold(), "version 1 is not current: version 3 was at " + PROVEN);
    }

    @Test
    void a_replayed_policy_is_refused_with_a_proof_by_any_other_key() {
        for (SigningKey forger : List.of(deployment.signer, SigningKey.generate())) {
            Deployment forged = new Deployment(forger, deployment.signer);
            byte[] proof = forged.proof(forged.policy(1).toJson(), PROVEN).toJson();
            server.current = () -> proof;

            refuses(cold(), "is not proven to be current (proof of service", "signed by another root");
        }
    }

    @Test
    void a_proven_policy_is_accepted_with_one_request_more() throws Exception {
        proves(server.policy);
        now = PROVEN.plus(LIFE).minusSeconds(1);

        loads(cold());

        assertThat(proofsAsked()).isEqualTo(1);
        assertThat(server.requests).hasSize(4); // proof, policy, lookup, payload
    }

    @Test
    void a_policy_that_is_newer_than_its_proof_is_accepted() throws Exception {
        proves(rotated.policy(1).toJson());
        server.policy = deployment.policy(2).toJson();

        loads(cold());
    }

    @ParameterizedTest
    @ValueSource(longs = {-6, -4, 4, 6})
    void the_clocks_may_differ_by_five_minutes(long minutes) throws Exception {
        proves(server.policy);
        now = PROVEN.plus(Duration.ofMinutes(minutes));

        if (minutes < -5) {
            refuses(cold(), "was issued at " + PROVEN + ", but now is " + now);
        } else {
            loads(cold());
        }
    }

    @Test
    void a_root_with_a_lowest_version_needs_no_proof_and_refuses_older_policies() throws Exception {
        TrustRoot root = TrustRoot.parse(deployment.rootText() + "@3");

        refuses(
                cold().trustRoot(root),
                "version 1 is older than version 3, the lowest that the trust root was given with");
        server.policy = deployment.policy(3).toJson();
        loads(cold().trustRoot(root));

        assertThat(proofsAsked()).isZero();
    }

    @Test
    void a_host_without_a_network_may_do_without_a_proof() throws Exception {
        loads(cold().freshness(Freshness.OFF));

        assertThat(proofsAsked()).isZero();
        assertThat(Freshness.parse("off")).isEqualTo(Freshness.OFF);
        assertThat(Freshness.parse(" on\n")).isEqualTo(Freshness.ON);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Freshness.parse("of"))
                .withMessage("freshness: expected on or off, found \"of\"");
    }

    @Test
    void a_host_that_remembers_its_policy_asks_for_no_proof() throws Exception {
        proves(server.policy);
        loads(builder());
        server.requests.clear();
        now = PROVEN.plus(Duration.ofDays(30));
        server.add(deployment.artifact(2, 1000));

        try (Precast<BundleLoader.Loaded> precast = builder().build()) {
            assertThat(precast.load(Deployment.module(2), NEVER_ASKED).isCompiled())
                    .isTrue();
        }

        assertThat(proofsAsked()).isZero();
    }

    @Test
    void a_policy_of_another_root_on_disk_is_no_memory() throws Exception {
        Deployment other = new Deployment();
        server.policy = other.policy(5).toJson();
        server.prove(other, clock);
        server.add(other.artifact(1, 1000));
        loads(builder().trustRoot(other.rootText()));
        loader.loads.set(0);
        server.policy = deployment.policy(1).toJson();
        server.current = () -> new byte[0];

        refuses(builder().onMiss(MissPolicy.fail()), "trust policy 1 is not proven to be current");
    }

    @Test
    void the_best_proof_of_all_sources_counts() throws Exception {
        proves(server.policy);
        MemorySource honest = new MemorySource();
        honest.current(deployment.proof(rotated.policy(3).toJson(), PROVEN));

        refuses(cold().source(honest), "version 1 is not current: version 3 was at " + PROVEN);
        honest.trust(rotated.policy(3));
        Deployment.Artifact fresh = rotated.artifact(1, 1000);
        honest.put(fresh.attestation().key(), fresh.envelope(), fresh.payload());
        server.artifacts.clear();
        loads(cold().source(honest));
    }

    @Test
    void a_host_recovers_when_the_proof_is_back() throws Exception {
        try (Precast<BundleLoader.Loaded> precast = cold().build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), NEVER_ASKED))
                    .isInstanceOf(ArtifactMissingException.class);
            proves(server.policy);
            now = now.plusSeconds(6);
            assertThat(precast.load(Deployment.module(1), NEVER_ASKED).isCompiled())
                    .isTrue();
        }
    }

    /** What SECURITY.md says about a stolen online key. */
    @Test
    void a_stolen_online_key_keeps_an_old_policy_current_until_its_appointment_ends_and_signs_no_artifact()
            throws Exception {
        Instant stolen = PROVEN.plus(Duration.ofDays(89));
        byte[] proof = deployment.proof(server.policy, 1, PROVEN, stolen).toJson();
        server.current = () -> proof;
        now = stolen;
        loads(cold());
        loader.loads.set(0);

        byte[] late = deployment
                .proof(server.policy, 1, PROVEN, stolen.plus(Duration.ofDays(1)))
                .toJson();
        server.current = () -> late;
        now = stolen.plus(Duration.ofDays(1));
        refuses(cold(), "appointment of the online key expired at " + now);

        server.current = () -> proof;
        now = stolen;
        server.artifacts.clear();
        server.add(new Deployment(deployment.root, deployment.online).artifact(1, 1000));
        try (Precast<BundleLoader.Loaded> precast = cold().build()) {
            assertThatThrownBy(() -> precast.load(Deployment.module(1), NEVER_ASKED))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining("which is not in policy 1");
        }
        assertThat(loader.loads).hasValue(0);
    }
}
