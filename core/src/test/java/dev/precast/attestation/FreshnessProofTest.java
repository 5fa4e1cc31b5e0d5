package dev.precast.attestation;

import static dev.precast.attestation.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessProofTest {
    private static final TrustRoot ROOT = new TrustRoot(Samples.KEY.verifyingKey());
    private static final SigningKey WORKER = SigningKey.generate();
    private static final Instant NOW = Samples.NOW;

    private static TrustPolicy policy(long version, SigningKey... keys) {
        TrustedKey[] trusted = new TrustedKey[keys.length];
        for (int i = 0; i < keys.length; i++) {
            trusted[i] = Samples.trusted(keys[i]);
        }
        return new TrustPolicy(
                version,
                NOW.minusSeconds(60),
                NOW.plus(Duration.ofDays(90)),
                Duration.ofDays(7),
                List.of(trusted),
                List.of(),
                Set.of(),
                Set.of());
    }

    private static byte[] signed(TrustPolicy policy) {
        return policy.sign(Samples.KEY).toJson();
    }

    private static Appointment appointment(long version) {
        return new Appointment(version, Samples.ONLINE.verifyingKey(), NOW, NOW.plus(Duration.ofDays(90)));
    }

    private static FreshnessProof proof(TrustPolicy about) throws RefusedException {
        return new FreshnessProof(
                appointment(1).sign(Samples.KEY),
                CurrentPolicy.about(signed(about), ROOT, NOW, Duration.ofHours(24))
                        .sign(Samples.ONLINE));
    }

    /** Verifies the proof 10 s after it was made, and applies it to the policy. */
    private static void accept(FreshnessProof proof, TrustPolicy policy) throws RefusedException {
        FreshnessProof.Verified verified = proof.verify(ROOT, 0);
        verified.requireInForce(NOW.plusSeconds(10));
        verified.requireCurrent(signed(policy), policy);
    }

    @Test
    void a_proof_is_about_its_policy_and_about_newer_ones() throws RefusedException {
        FreshnessProof proof = FreshnessProof.parse(proof(policy(3, WORKER)).toJson());

        assertThat(proof).isEqualTo(proof(policy(3, WORKER)));
        accept(proof, policy(3, WORKER));
        accept(proof, policy(4));
    }

    @Test
    void an_older_policy_is_not_current() throws RefusedException {
        FreshnessProof proof = proof(policy(3));

        assertRefused(Check.POLICY, () -> accept(proof, policy(1, WORKER)))
                .hasMessageContaining("version 1 is not current: version 3 was at " + NOW);
    }

    @Test
    void another_policy_of_the_same_version_is_not_current() throws RefusedException {
        FreshnessProof proof = proof(policy(3));

        assertRefused(Check.POLICY, () -> accept(proof, policy(3, WORKER)))
                .hasMessageContaining("another policy of version 3 is current (expected sha256:");
    }

    @Test
    void the_online_key_may_not_sign_artifacts_and_is_not_the_root() throws RefusedException {
        TrustPolicy both = policy(3, Samples.ONLINE);
        Appointment root = new Appointment(1, Samples.KEY.verifyingKey(), NOW, NOW.plusSeconds(60));

        FreshnessProof proof = proof(both);
        assertRefused(Check.POLICY, () -> accept(proof, both))
                .hasMessageContaining("policy 3 lets the online key "
                        + Samples.ONLINE.verifyingKey().id() + " sign artifacts");
        assertRefused(
                        Check.POLICY,
                        () -> Appointment.open(root.sign(Samples.KEY).toJson(), ROOT, 0))
                .hasMessageContaining("appoints the root key");
    }

    @Test
    void only_the_root_appoints_and_only_the_appointed_key_states() throws RefusedException {
        TrustPolicy policy = policy(3, WORKER);
        CurrentPolicy statement = CurrentPolicy.about(signed(policy), ROOT, NOW, Duration.ofHours(1));
        Envelope appointment = appointment(1).sign(Samples.KEY);

        for (SigningKey other : List.of(WORKER, SigningKey.generate(), Samples.ONLINE)) {
            FreshnessProof forged = new FreshnessProof(appointment(1).sign(other), statement.sign(Samples.ONLINE));
            assertRefused(Check.SIGNATURE, () -> accept(forged, policy))
                    .hasMessageContaining("appointment of the online key: signed by another root");
        }
        for (SigningKey other : List.of(WORKER, SigningKey.generate(), Samples.KEY)) {
            FreshnessProof forged = new FreshnessProof(appointment, statement.sign(other));
            assertRefused(Check.SIGNATURE, () -> accept(forged, policy))
                    .hasMessageContaining("statement of the current policy: signed by another online key");
        }
        assertRefused(
                Check.POLICY,
                () -> accept(new FreshnessProof(policy.sign(Samples.KEY), statement.sign(Samples.ONLINE)), policy));
        assertRefused(Check.POLICY, () -> accept(new FreshnessProof(appointment, appointment), policy));
    }

    @Test
    void an_appointment_that_was_replaced_is_refused() throws RefusedException {
        byte[] envelope = appointment(4).sign(Samples.KEY).toJson();

        assertThat(Appointment.open(envelope, ROOT, 4)).isEqualTo(appointment(4));
        assertRefused(Check.POLICY, () -> Appointment.open(envelope, ROOT, 5))
                .hasMessageContaining("version 4 is older than version 5, which was seen before");
        FreshnessProof proof = proof(policy(3));
        assertRefused(Check.POLICY, () -> proof.verify(ROOT, 2));
    }

    @ParameterizedTest
    @CsvSource({
        "-360, issued at",
        "-301, issued at",
        "-300, ",
        "-240, ",
        "0, ",
        "86399, ",
        "86400, statement of the current policy expired at 2026-01-03T03:04:05Z",
        "7776000, appointment of the online key expired at 2026-04-02T03:04:05Z",
    })
    void both_documents_are_in_force_by_the_readers_clock(long seconds, String refusal) throws RefusedException {
        FreshnessProof.Verified proof = proof(policy(3)).verify(ROOT, 1);
        Instant now = NOW.plusSeconds(seconds);

        if (refusal == null) {
            proof.requireInForce(now);
        } else {
            assertRefused(Check.POLICY, () -> proof.requireInForce(now)).hasMessageContaining(refusal);
        }
    }

    @Test
    void the_life_of_both_documents_is_bounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CurrentPolicy(
                        1,
                        Samples.digest("policy"),
                        NOW,
                        NOW.plus(Duration.ofDays(7)).plusSeconds(1)))
                .withMessageContaining("expected a life of at most 7 days");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Appointment(
                        1,
                        WORKER.verifyingKey(),
                        NOW,
                        NOW.plus(Duration.ofDays(366)).plusSeconds(1)))
                .withMessageContaining("expected a life of at most 366 days");
        assertThatIllegalArgumentException().isThrownBy(() -> new CurrentPolicy(1, Samples.digest("policy"), NOW, NOW));
        for (long version : new long[] {0, Json.MAX_INT + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Appointment(version, WORKER.verifyingKey(), NOW, NOW.plusSeconds(1)))
                    .withMessageContaining("expected a version from 1 to 2^53-1, found " + version);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new CurrentPolicy(version, Samples.digest("policy"), NOW, NOW.plusSeconds(1)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'\"version\":3', '\"version\":0'",
        "'\"version\":3', '\"version\":3,\"zz\":1'",
        "'\"version\":3', '\"versio\":3'",
        "'\"version\":3', '\"version\":\"3\"'",
        "'{\"expiresAt\"', '{ \"expiresAt\"'",
        "2026-01-03T03:04:05Z, 2026-01-09T03:04:06Z",
        "2026-01-03T03:04:05Z, 2026-01-02T03:04:05Z",
        "2026-01-03T03:04:05Z, 2026-01-03T03:04:05.0Z",
        "sha256:, sha512:",
    })
    void a_statement_of_another_form_is_refused_although_the_online_key_signed_it(String from, String to)
            throws RefusedException {
        FreshnessProof good = proof(policy(3));
        FreshnessProof bad = new FreshnessProof(good.appointment(), again(good.statement(), from, to, Samples.ONLINE));

        assertRefused(Check.POLICY, () -> bad.verify(ROOT, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"version\":1', '\"version\":0'",
        "'\"version\":1', '\"version\":1,\"zz\":1'",
        "'{\"expiresAt\"', '{ \"expiresAt\"'",
        "2026-04-02T03:04:05Z, 2027-01-03T03:04:06Z",
        "2026-04-02T03:04:05Z, 2026-01-02T03:04:05Z",
        "=, ==",
    })
    void an_appointment_of_another_form_is_refused_although_the_root_signed_it(String from, String to)
            throws RefusedException {
        FreshnessProof good = proof(policy(3));
        FreshnessProof bad = new FreshnessProof(again(good.appointment(), from, to, Samples.KEY), good.statement());

        assertRefused(Check.POLICY, () -> bad.verify(ROOT, 0));
    }

    private static Envelope again(Envelope good, String from, String to, SigningKey key) {
        String text = new String(Base64.getDecoder().decode(good.payload()), UTF_8);
        assertThat(text).contains(from);
        return Envelope.sign(good.payloadType(), text.replace(from, to).getBytes(UTF_8), key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "{\"appointment\":{},\"statement\":{}}", "{\"appointment\":1}"})
    void another_form_is_no_proof(String json) {
        assertRefused(Check.ENVELOPE, () -> FreshnessProof.parse(json.getBytes(UTF_8)))
                .hasMessageContaining("proof of the current policy: ");
    }

    @Test
    void a_proof_has_no_other_members_and_a_limited_size() throws RefusedException {
        JsonObject proof = Json.parse(proof(policy(3)).toJson()).asObject("proof");

        assertRefused(
                Check.ENVELOPE,
                () -> FreshnessProof.parse(proof.with("more", 1).canonical().getBytes(UTF_8)));
        assertRefused(Check.SIZE, () -> FreshnessProof.parse(new byte[FreshnessProof.MAX_BYTES + 1]))
                .hasMessageContaining("too large (expected at most 65536 bytes, found 65537)");
    }

    @Test
    void each_flipped_bit_of_a_proof_is_refused() throws RefusedException {
        byte[] json = proof(policy(3)).toJson();
        for (int bit = 0; bit < json.length * 8; bit += Scale.of(11, 3)) {
            byte[] flipped = json.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> accept(FreshnessProof.parse(flipped), policy(3)))
                    .describedAs("bit %d", bit)
                    .isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void a_statement_is_made_about_policies_of_the_root_only() {
        byte[] foreign = policy(3).sign(WORKER).toJson();

        assertRefused(Check.SIGNATURE, () -> CurrentPolicy.about(foreign, ROOT, NOW, Duration.ofHours(1)));
    }
}
