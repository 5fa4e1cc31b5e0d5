package dev.precast.attestation;

import static dev.precast.attestation.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.EngineId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustRootTest {
    private static final TrustRoot ROOT = new TrustRoot(Samples.KEY.verifyingKey());
    private static final TrustPolicy POLICY = new TrustPolicy(
            7,
            Samples.NOW,
            Samples.NOW.plusSeconds(60),
            Duration.ofDays(3),
            List.of(Samples.trusted(SigningKey.generate()), Samples.trusted(SigningKey.generate())),
            List.of(EngineId.parse("chicory@1.7.5+1")),
            Set.of(Samples.digest("one"), Samples.digest("two")),
            Set.of("java/lang/Math.abs:(I)I"));

    @Test
    void a_policy_that_the_root_signed_is_read_back() throws RefusedException {
        assertThat(ROOT.open(POLICY.sign(Samples.KEY).toJson(), 7)).isEqualTo(POLICY);
    }

    @Test
    void the_root_is_read_from_its_text() {
        assertThat(TrustRoot.parse(ROOT.key() + "\n")).isEqualTo(ROOT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustRoot.parse("AAAA"))
                .withMessage("public key: expected 32 bytes of Ed25519, found 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustRoot.parse("?"))
                .withMessageStartingWith("public key: not base64");
    }

    @Test
    void the_lowest_policy_version_may_follow_the_key() throws RefusedException {
        TrustRoot root = TrustRoot.parse(ROOT.key() + "@7\n");
        byte[] envelope = POLICY.sign(Samples.KEY).toJson();

        assertThat(root).isEqualTo(new TrustRoot(ROOT.key(), 7));
        assertThat(root.open(envelope, 0)).isEqualTo(POLICY);
        assertRefused(Check.POLICY, () -> new TrustRoot(ROOT.key(), 8).open(envelope, 7))
                .hasMessageContaining(
                        "version 7 is older than version 8, the lowest that the trust root was given with");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "x", "7.0", "9007199254740992", "7@7"})
    void a_version_of_another_form_is_no_root(String version) {
        assertThatIllegalArgumentException().isThrownBy(() -> TrustRoot.parse(ROOT.key() + "@" + version));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustRoot.read(ROOT.key() + "@" + version))
                .withMessageStartingWith("trust root " + ROOT.key() + "@" + version)
                .withMessageContaining(": neither a file nor a base64 Ed25519 public key: ");
    }

    @Test
    void a_root_is_read_from_a_key_and_from_files(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("root.pub"), ROOT.key() + "\n");
        Path versioned = Files.writeString(folder.resolve("a@b.pub"), ROOT.key() + "@5\n");
        Path named = Files.writeString(folder.resolve("root@3"), ROOT.key().toString());

        assertThat(TrustRoot.read(" " + ROOT.key() + "\n")).isEqualTo(ROOT);
        assertThat(TrustRoot.read(ROOT.key() + "@7")).isEqualTo(new TrustRoot(ROOT.key(), 7));
        assertThat(TrustRoot.read(plain.toString())).isEqualTo(ROOT);
        assertThat(TrustRoot.read(plain)).isEqualTo(ROOT);
        assertThat(TrustRoot.read(plain + "@7")).isEqualTo(new TrustRoot(ROOT.key(), 7));
        assertThat(TrustRoot.read(versioned)).isEqualTo(new TrustRoot(ROOT.key(), 5));
        assertThat(TrustRoot.read(versioned + "@7")).isEqualTo(new TrustRoot(ROOT.key(), 7));
        assertThat(TrustRoot.read(versioned + "@4")).isEqualTo(new TrustRoot(ROOT.key(), 5));
        assertThat(TrustRoot.read(named.toString())).isEqualTo(ROOT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustRoot.read(folder.resolve("none")))
                .withMessage("trust root: " + folder.resolve("none") + ": file not found");
        Files.writeString(plain, "AAAA");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustRoot.read(plain + "@7"))
                .withMessage("trust root " + plain + ": public key: expected 32 bytes of Ed25519, found 3");
    }

    @Test
    void an_older_version_is_refused() throws RefusedException {
        byte[] envelope = POLICY.sign(Samples.KEY).toJson();

        assertThat(ROOT.open(envelope, 6)).isEqualTo(POLICY);
        assertRefused(Check.POLICY, () -> ROOT.open(envelope, 8))
                .hasMessageContaining("version 7 is older than version 8, which was seen before");
    }

    @Test
    void a_policy_of_another_root_is_refused() {
        SigningKey other = SigningKey.generate();
        Envelope forged = POLICY.sign(other);
        Envelope claimed =
                new Envelope(forged.payloadType(), forged.payload(), ROOT.key().id(), forged.signature());

        assertRefused(Check.SIGNATURE, () -> ROOT.open(forged.toJson(), 0))
                .hasMessageContaining(
                        "signed by another root (expected " + ROOT.key().id());
        assertRefused(Check.SIGNATURE, () -> ROOT.open(claimed.toJson(), 0));
    }

    @Test
    void a_key_in_the_policy_is_no_root() {
        SigningKey worker = SigningKey.generate();
        TrustPolicy policy = Samples.policy(Samples.trusted(worker));

        assertRefused(Check.SIGNATURE, () -> ROOT.open(policy.sign(worker).toJson(), 0));
    }

    @Test
    void another_kind_of_envelope_is_no_policy() {
        assertRefused(
                Check.POLICY,
                () -> ROOT.open(Samples.attestation().sign(Samples.KEY).toJson(), 0));
        assertRefused(Check.ENVELOPE, () -> ROOT.open(new byte[] {'{'}, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"version\":7', '\"version\":0'",
        "'\"version\":7', '\"version\":7,\"zz\":1'",
        "'\"graceSeconds\":259200', '\"graceSeconds\":31536001'",
        "'\"graceSeconds\":259200,', ''",
        "2026-01-02T03:05:05Z, 2026-01-02T03:04:05Z",
        "2026-01-02T03:05:05Z, 2026-01-02T03:05:05.5Z",
        "2026-01-02T03:05:05Z, +10000-01-01T00:00:00Z",
        "chicory@1.7.5+1, chicory",
        "'{\"deniedDigests\"', '{ \"deniedDigests\"'",
        "'\"builder\":\"https://builder.example/1\"', '\"builder\":\"\"'",
    })
    void a_policy_of_another_form_is_refused_although_the_root_signed_it(String from, String to) {
        String json = new String(PolicyJson.toJson(POLICY), StandardCharsets.UTF_8);
        assertThat(json).contains(from);
        Envelope envelope = Envelope.sign(
                TrustPolicy.PAYLOAD_TYPE, json.replace(from, to).getBytes(StandardCharsets.UTF_8), Samples.KEY);

        assertRefused(Check.POLICY, () -> ROOT.open(envelope.toJson(), 0));
    }

    @Test
    void a_policy_names_each_key_and_engine_once() {
        TrustedKey key = Samples.trusted(Samples.KEY);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.policy(key, key))
                .withMessage("policy keys: key " + Samples.KEY.verifyingKey().id() + " appears twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.policy(
                        List.of(EngineId.parse("chicory@1.0+1"), EngineId.parse("chicory@2.0+1")), Set.of(), key))
                .withMessage("policy floors: engine chicory appears twice");
    }

    @Test
    void a_key_is_trusted_for_some_time() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TrustedKey(Samples.KEY.verifyingKey(), "b", Set.of(), Set.of(), Samples.NOW, Instant.EPOCH))
                .withMessageContaining(
                        "trusted until 1970-01-01T00:00:00Z, which is before the start 2026-01-02T03:04:05Z");
    }
}
