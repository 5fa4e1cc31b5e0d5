package dev.precast.attestation;

import static dev.precast.attestation.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttestationVerifierTest {
    private static final Lane LANE = Samples.LANE;
    private static final byte[] ENVELOPE =
            Samples.attestation().sign(Samples.KEY).toJson();

    @Test
    void a_signed_attestation_of_the_requested_key_is_verified() throws RefusedException {
        assertThat(verifier(Samples.trusted(Samples.KEY)).verify(ENVELOPE, Samples.key(), false))
                .isEqualTo(Samples.attestation());
    }

    static List<ArtifactKey> everySwap() {
        Lane engine = new Lane(EngineId.parse("chicory@1.7.4+1"), LANE.engineHash(), LANE.config(), LANE.target());
        Lane revision = new Lane(EngineId.parse("chicory@1.7.5+2"), LANE.engineHash(), LANE.config(), LANE.target());
        Lane hash = new Lane(LANE.engine(), new EngineHash(Samples.digest("?")), LANE.config(), LANE.target());
        Lane config = new Lane(LANE.engine(), LANE.engineHash(), CompileConfig.parse("{}"), LANE.target());
        Lane target = new Lane(LANE.engine(), LANE.engineHash(), LANE.config(), new Target("pulley64"));
        return List.of(
                LANE.id().key(ModuleDigest.of(new byte[0])),
                Samples.key(engine.id()),
                Samples.key(revision.id()),
                Samples.key(hash.id()),
                Samples.key(config.id()),
                Samples.key(target.id()));
    }

    @ParameterizedTest
    @MethodSource("everySwap")
    void an_attestation_of_another_module_engine_hash_config_or_target_is_refused(ArtifactKey other) {
        assertRefused(Check.KEY, () -> verifier(Samples.trusted(Samples.KEY)).verify(ENVELOPE, other, false))
                .hasMessageContaining("(expected " + other + ", found " + Samples.key());
    }

    @Test
    void a_signature_by_a_key_that_is_not_in_the_policy_is_refused() {
        assertRefused(
                        Check.SIGNATURE,
                        () -> verifier(Samples.trusted(SigningKey.generate())).verify(ENVELOPE, Samples.key(), false))
                .hasMessageContaining(
                        "made by key " + Samples.KEY.verifyingKey().id() + ", which is not in policy 7");
    }

    @Test
    void a_signature_of_another_trusted_key_is_refused() {
        SigningKey other = SigningKey.generate();
        Envelope mine = Samples.attestation().sign(Samples.KEY);
        Envelope swapped = new Envelope(
                mine.payloadType(), mine.payload(), other.verifyingKey().id(), mine.signature());

        assertRefused(
                Check.SIGNATURE,
                () -> verifier(Samples.trusted(Samples.KEY), Samples.trusted(other))
                        .verify(swapped.toJson(), Samples.key(), false));
    }

    @Test
    void an_envelope_of_another_type_is_refused() {
        Envelope other = Envelope.sign("text/plain", Statement.toJson(Samples.attestation()), Samples.KEY);

        assertRefused(
                        Check.STATEMENT,
                        () -> verifier(Samples.trusted(Samples.KEY)).verify(other.toJson(), Samples.key(), false))
                .hasMessageContaining("payload type: expected application/vnd.in-toto+json, found text/plain");
    }

    @Test
    void an_envelope_that_is_too_large_is_refused() {
        assertRefused(
                Check.SIZE,
                () -> verifier(Samples.trusted(Samples.KEY))
                        .verify(new byte[Envelope.MAX_BYTES + 1], Samples.key(), false));
    }

    @Test
    void a_key_signs_for_its_builder_engines_and_targets_only() throws RefusedException {
        outOfScope(trusted("https://builder.example/2", Set.of(), Set.of()), "signs for builder");
        outOfScope(trusted(Samples.BUILDER, Set.of("endive"), Set.of()), "signs for engines [endive], not for chicory");
        outOfScope(trusted(Samples.BUILDER, Set.of(), Set.of("pulley64")), "signs for targets [pulley64], not for jvm");

        verifier(trusted(Samples.BUILDER, Set.of("chicory", "endive"), Set.of("jvm")))
                .verify(ENVELOPE, Samples.key(), false);
    }

    @Test
    void a_key_is_trusted_within_its_dates_by_the_readers_clock() throws RefusedException {
        Instant from = Samples.NOW;
        Instant to = Samples.NOW.plusSeconds(10);
        TrustedKey key = new TrustedKey(Samples.KEY.verifyingKey(), Samples.BUILDER, Set.of(), Set.of(), from, to);

        at(from, key).verify(ENVELOPE, Samples.key(), false);
        at(to.minusMillis(1), key).verify(ENVELOPE, Samples.key(), false);
        for (Instant outside : List.of(from.minusMillis(1), to)) {
            assertRefused(Check.KEY_SCOPE, () -> at(outside, key).verify(ENVELOPE, Samples.key(), false))
                    .hasMessageContaining("is trusted from " + from + " to " + to + ", but now is " + outside);
        }
    }

    @Test
    void past_its_expiry_a_policy_allows_what_was_verified_before_for_its_grace() throws RefusedException {
        TrustedKey key = Samples.trusted(Samples.KEY);
        Instant expiry = Samples.NOW.plusSeconds(60);

        at(expiry.minusMillis(1), key).verify(ENVELOPE, Samples.key(), false);
        assertRefused(Check.POLICY, () -> at(expiry, key).verify(ENVELOPE, Samples.key(), false))
                .hasMessageContaining("policy 7 expired at " + expiry);
        at(expiry.plusMillis(29_999), key).verify(ENVELOPE, Samples.key(), true);
        assertRefused(Check.POLICY, () -> at(expiry.plusSeconds(30), key).verify(ENVELOPE, Samples.key(), true));
    }

    @Test
    void an_engine_below_its_floor_is_refused() throws RefusedException {
        for (String floor : List.of("chicory@1.7.5+2", "chicory@1.7.6+1", "chicory@1.10.0+1")) {
            assertRefused(Check.POLICY, () -> under(List.of(EngineId.parse(floor)), Set.of()))
                    .hasMessageContaining("engine chicory@1.7.5+1 is below the floor " + floor);
        }
        for (String floor : List.of("chicory@1.7.5+1", "chicory@1.7.4+9", "endive@9.0.0+1")) {
            under(List.of(EngineId.parse(floor)), Set.of());
        }
    }

    @Test
    void a_key_that_no_artifact_can_have_is_known_beforehand() throws RefusedException {
        Samples.policy(List.of(), Set.of(Samples.digest("pack"))).requireAllowed(Samples.key());
        for (TrustPolicy policy : List.of(
                Samples.policy(List.of(EngineId.parse("chicory@1.7.5+2")), Set.of()),
                Samples.policy(List.of(), Set.of(Samples.digest("module"))))) {
            assertRefused(Check.POLICY, () -> policy.requireAllowed(Samples.key()));
        }
    }

    @Test
    void a_denied_pack_payload_or_module_is_refused() {
        for (String what : List.of("pack", "payload", "module")) {
            Digest denied = Samples.digest(what);
            assertRefused(Check.POLICY, () -> under(List.of(), Set.of(denied)))
                    .hasMessageContaining(what + " " + denied + " is denied");
        }
    }

    @Test
    void an_outcome_is_opened_under_the_same_keys_and_dates() throws RefusedException {
        byte[] envelope = Envelope.sign("a/b", new byte[] {1}, Samples.KEY).toJson();

        assertThat(verifier(Samples.trusted(Samples.KEY)).open(envelope, "a/b", Samples.key()))
                .containsExactly(1);
        assertRefused(
                Check.STATEMENT, () -> verifier(Samples.trusted(Samples.KEY)).open(envelope, "a/c", Samples.key()));
        assertRefused(
                Check.SIGNATURE,
                () -> verifier(Samples.trusted(SigningKey.generate())).open(envelope, "a/b", Samples.key()));
        assertRefused(
                Check.KEY_SCOPE,
                () -> verifier(trusted(Samples.BUILDER, Set.of("endive"), Set.of()))
                        .open(envelope, "a/b", Samples.key()));
        assertRefused(
                Check.POLICY,
                () -> at(Samples.NOW.plusSeconds(60), Samples.trusted(Samples.KEY))
                        .open(envelope, "a/b", Samples.key()));
    }

    private static TrustedKey trusted(String builder, Set<String> engines, Set<String> targets) {
        return new TrustedKey(
                Samples.KEY.verifyingKey(),
                builder,
                engines,
                targets,
                Samples.NOW.minusSeconds(1),
                Samples.NOW.plusSeconds(1));
    }

    private static void outOfScope(TrustedKey key, String message) {
        assertRefused(Check.KEY_SCOPE, () -> verifier(key).verify(ENVELOPE, Samples.key(), false))
                .hasMessageContaining(message);
    }

    private static Attestation under(List<EngineId> floors, Set<Digest> denied) throws RefusedException {
        TrustPolicy policy = Samples.policy(floors, denied, Samples.trusted(Samples.KEY));
        return new AttestationVerifier(() -> policy, () -> Samples.NOW).verify(ENVELOPE, Samples.key(), false);
    }

    private static AttestationVerifier verifier(TrustedKey... keys) {
        return at(Samples.NOW, keys);
    }

    private static AttestationVerifier at(Instant now, TrustedKey... keys) {
        return new AttestationVerifier(() -> Samples.policy(keys), () -> now);
    }
}
