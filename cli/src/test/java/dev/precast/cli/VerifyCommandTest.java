package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VerifyCommandTest {
    private static final Instant NOW = CommandLineRun.NOW;

    @TempDir
    private Path folder;

    private Path attestation;
    private Path payload;
    private String root;
    private byte[] bundle;

    @BeforeEach
    void an_artifact_in_a_folder() throws Exception {
        artifact("chicory@1.7.5+2", Map.of("a", new byte[100], "b", new byte[] {1, 2, 3}));
    }

    private void artifact(String engine, Map<String, byte[]> entries) throws Exception {
        SigningKey rootKey = SigningKey.generate();
        SigningKey signer = SigningKey.generate();
        root = rootKey.verifyingKey().toString();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BundleWriter writer = new BundleWriter();
        entries.forEach(writer::add);
        writer.writeTo(out);
        bundle = out.toByteArray();
        int prefix = BundleIndex.prefixBytes(Arrays.copyOf(bundle, BundleIndex.HEADER_BYTES));
        Attestation attested = new Attestation(
                ModuleDigest.of(new byte[] {1}),
                1,
                new Lane(
                        EngineId.parse(engine),
                        new EngineHash(Digest.of(new byte[] {2})),
                        CompileConfig.parse("{}"),
                        Target.JVM),
                "jvm-bundle/2",
                new SizedDigest(Digest.of(bundle), bundle.length),
                Optional.empty(),
                Optional.of(new SizedDigest(Digest.of(Arrays.copyOf(bundle, prefix)), prefix)),
                Digest.of(new byte[] {4}),
                "jdk 25",
                "urn:test",
                NOW,
                NOW);
        TrustedKey trusted = new TrustedKey(
                signer.verifyingKey(), "urn:test", Set.of(), Set.of(), NOW, NOW.plus(Duration.ofDays(1)));
        TrustPolicy policy = new TrustPolicy(
                1, NOW, NOW.plus(Duration.ofDays(1)), Duration.ZERO, List.of(trusted), List.of(), Set.of(), Set.of());
        byte[] signed = policy.sign(rootKey).toJson();
        Files.write(folder.resolve("trust-policy.dsse.json"), signed);
        SigningKey online = SigningKey.generate();
        FreshnessProof proof = new FreshnessProof(
                new Appointment(1, online.verifyingKey(), NOW, NOW.plus(Duration.ofDays(90))).sign(rootKey),
                CurrentPolicy.about(signed, TrustRoot.parse(root), NOW, Duration.ofHours(12))
                        .sign(online));
        Files.write(folder.resolve("trust-current.json"), proof.toJson());
        attestation = folder.resolve(attested.key().digest().hex() + ".dsse.json");
        Files.write(attestation, attested.sign(signer).toJson());
        payload = folder.resolve(Digest.of(bundle).hex());
        Files.write(payload, bundle);
    }

    private CommandLineRun verify(Path file) {
        return CommandLineRun.of("verify", "--json", "--trust-root", root, file.toString());
    }

    @Test
    void an_artifact_is_verified_to_its_last_entry() {
        CommandLineRun run = verify(attestation);

        assertThat(run.exit()).isZero();
        assertThat(run.json().array("verified").get(0).asObject("artifact").integer("entries", 0, 10))
                .isEqualTo(2);
        assertThat(run.json().array("verified").get(0).asObject("artifact").integer("classes", 0, 10))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chicory@1.7.5+2", "endive@1.0.0+2"})
    void a_class_that_no_host_would_define_ends_with_5(String engine) throws Exception {
        artifact(engine, Map.of("class/precast/Module", classFile()));

        CommandLineRun run = verify(attestation);

        assertThat(run.exit()).isEqualTo(5);
        assertThat(run.json().object("error").string("code")).isEqualTo("bytecode");
    }

    @Test
    void classes_of_an_unavailable_engine_are_reported_as_unchecked() throws Exception {
        artifact("chicory@9.9.9+1", Map.of("class/precast/Module", classFile()));

        CommandLineRun run = CommandLineRun.of("verify", "--trust-root", root, attestation.toString());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("bytecode not checked");
        assertThat(verify(attestation)
                        .json()
                        .array("verified")
                        .get(0)
                        .asObject("artifact")
                        .members())
                .doesNotContainKey("classes");
    }

    private static byte[] classFile() throws IOException {
        try (InputStream in = VerifyCommandTest.class.getResourceAsStream("VerifyCommandTest.class")) {
            return in.readAllBytes();
        }
    }

    @Test
    void one_bit_of_the_payload_is_enough_to_end_with_5() throws Exception {
        byte[] flipped = bundle.clone();
        flipped[flipped.length - 1] ^= 4;
        Files.write(payload, flipped);

        CommandLineRun run = verify(attestation);

        assertThat(run.exit()).isEqualTo(5);
        assertThat(run.json().object("error").string("code")).isEqualTo("payload");
    }

    @Test
    void one_letter_of_the_attestation_is_enough_to_end_with_5() throws Exception {
        String text = Files.readString(attestation);
        int at = text.indexOf("\"payload\":\"") + 40;
        char other = text.charAt(at) == 'A' ? 'B' : 'A';
        Files.writeString(attestation, text.substring(0, at) + other + text.substring(at + 1));

        assertThat(verify(attestation).exit()).isEqualTo(5);
    }

    @Test
    void an_attestation_under_the_name_of_another_key_is_refused() throws Exception {
        Path other = folder.resolve("0".repeat(64) + ".dsse.json");
        Files.copy(attestation, other);

        CommandLineRun run = verify(other);

        assertThat(run.exit()).isEqualTo(5);
        assertThat(run.json().object("error").string("code")).isEqualTo("key");
    }

    @Test
    void a_policy_that_is_not_proven_to_be_current_ends_with_5_unless_told_otherwise() throws Exception {
        Instant later = NOW.plus(Duration.ofHours(13));
        String file = attestation.toString();
        String policy = folder.resolve("trust-policy.dsse.json").toString();

        CommandLineRun expired = CommandLineRun.at(later, Map.of(), "verify", "--trust-root", root, file);
        assertThat(expired.exit()).isEqualTo(5);
        assertThat(expired.err())
                .contains("trust policy 1 is not proven to be current (statement of the current policy expired at ");
        for (List<String> told : List.of(
                List.of("--trust-root", root, "--freshness", "off"),
                List.of("--trust-root", root + "@1"),
                List.of("--trust-root", root, "--policy", policy))) {
            List<String> words = new ArrayList<>(List.of("verify", file));
            words.addAll(told);
            assertThat(CommandLineRun.at(later, Map.of(), words.toArray(String[]::new))
                            .exit())
                    .as(told.toString())
                    .isZero();
        }
        assertThat(CommandLineRun.at(later, Map.of("PRECAST_FRESHNESS", "off"), "verify", "--trust-root", root, file)
                        .exit())
                .isZero();
        assertThat(CommandLineRun.of("verify", "--trust-root", root, "--freshness", "no", file)
                        .exit())
                .isEqualTo(2);
        Files.delete(folder.resolve("trust-current.json"));
        assertThat(verify(attestation).exit()).isEqualTo(5);
    }

    @Test
    void the_files_of_policy_and_proof_are_no_artifacts() {
        CommandLineRun run = CommandLineRun.of(
                "verify",
                "--trust-root",
                root,
                attestation.toString(),
                folder.resolve("trust-policy.dsse.json").toString(),
                folder.resolve("trust-current.json").toString());

        assertThat(run.exit()).as(run.err()).isZero();
    }

    @Test
    void a_policy_that_has_expired_trusts_nothing() {
        CommandLineRun late = CommandLineRun.at(
                NOW.plus(Duration.ofDays(2)), Map.of(), "verify", "--trust-root", root, attestation.toString());

        assertThat(late.exit()).isEqualTo(5);
    }

    @Test
    void a_payload_that_is_not_there_ends_with_3() throws Exception {
        Files.delete(payload);

        assertThat(verify(attestation).exit()).isEqualTo(3);
    }

    @Test
    void a_file_of_another_name_is_a_usage_error() {
        assertThat(verify(payload).exit()).isEqualTo(2);
    }
}
