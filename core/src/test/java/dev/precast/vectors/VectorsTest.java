package dev.precast.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.Samples;
import dev.precast.attestation.TrustRoot;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.module.Cap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the files of {@code docs/vectors} with the code. */
class VectorsTest {
    private static final Path FOLDER = Path.of(System.getProperty("basedir", ""))
            .resolve("../docs/vectors")
            .normalize();

    static Stream<String> names() {
        return Vectors.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_file_says_what_the_code_computes(String name) throws IOException {
        Json computed = Vectors.all().get(name);
        Path file = FOLDER.resolve(name + ".json");

        assertThat(file).describedAs("should contain %s", computed.canonical()).exists();
        assertThat(Json.parse(Files.readAllBytes(file)).canonical()).isEqualTo(computed.canonical());
    }

    @Test
    void no_file_is_left_unchecked() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName())).filter(name -> !name.startsWith("outcome-")))
                    .containsExactlyInAnyOrderElementsOf(
                            names().map(name -> name + ".json").toList());
        }
    }

    @Test
    void the_page_names_each_cap_with_its_default() throws IOException {
        String page = Files.readString(FOLDER.resolve("../artifact-format.md"));
        assertThat(Cap.values())
                .allSatisfy(cap -> assertThat(page)
                        .containsPattern("`" + cap.label() + "`[^|]*\\| "
                                + String.format(Locale.ROOT, "%,d", cap.defaultLimit()) + " \\|"));
    }

    @Test
    void inputs_marked_as_refused_are_refused() {
        assertThat(Vectors.refusedJson())
                .allSatisfy(text -> assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(JsonException.class));
        assertThat(Vectors.refusedPrefixes())
                .allSatisfy((why, prefix) -> assertThatThrownBy(() -> BundleIndex.parse(prefix, Vectors.bundleBytes()))
                        .describedAs(why)
                        .isInstanceOf(BundleException.class));
        assertThat(FreshnessVectors.refusedAppointments())
                .allSatisfy((why, appointment) -> assertThatThrownBy(
                                () -> verify(new FreshnessProof(appointment, FreshnessVectors.statement())))
                        .describedAs(why)
                        .isInstanceOf(RefusedException.class));
        assertThat(FreshnessVectors.refusedStatements())
                .allSatisfy((why, statement) -> assertThatThrownBy(
                                () -> verify(new FreshnessProof(FreshnessVectors.appointmentEnvelope(), statement)))
                        .describedAs(why)
                        .isInstanceOf(RefusedException.class));
    }

    @Test
    void appointment_and_statement_prove_that_the_policy_is_current() throws RefusedException {
        verify(new FreshnessProof(FreshnessVectors.appointmentEnvelope(), FreshnessVectors.statement()));
    }

    private static void verify(FreshnessProof proof) throws RefusedException {
        TrustRoot root = new TrustRoot(Samples.KEY.verifyingKey());
        byte[] policy = Vectors.policy().sign(Samples.KEY).toJson();
        FreshnessProof.Verified verified = proof.verify(root, 0);
        verified.requireInForce(Samples.NOW);
        verified.requireCurrent(policy, Vectors.policy());
    }
}
