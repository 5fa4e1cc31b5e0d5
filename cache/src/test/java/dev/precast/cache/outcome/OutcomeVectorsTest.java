package dev.precast.cache.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.Envelope;
import dev.precast.attestation.Samples;
import dev.precast.json.Json;
import dev.precast.module.StaticCaps;
import dev.precast.protocol.KeyState;
import dev.precast.vectors.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the files {@code docs/vectors/outcome-*.json} with the code. */
class OutcomeVectorsTest {
    private static final Path FOLDER = Path.of(System.getProperty("basedir", ""))
            .resolve("../docs/vectors")
            .normalize();

    private static final Map<String, Envelope> ENVELOPES = Map.of(
            "outcome-rejected", OutcomeRecord.sign(rejected(), Samples.KEY),
            "outcome-failed", OutcomeRecord.sign(failed(), Samples.KEY));

    static Stream<String> names() {
        return ENVELOPES.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_file_says_what_the_code_computes(String name) throws IOException {
        assertThat(Json.parse(Files.readAllBytes(FOLDER.resolve(name + ".json")))
                        .canonical())
                .isEqualTo(Vectors.envelope(ENVELOPES.get(name)).canonical());
    }

    @Test
    void no_file_is_left_unchecked() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName())).filter(name -> name.startsWith("outcome-")))
                    .containsExactlyInAnyOrderElementsOf(
                            names().map(name -> name + ".json").toList());
        }
    }

    private static CompileOutcome.Rejected rejected() {
        return new CompileOutcome.Rejected(
                Samples.key(),
                Samples.digest("pack"),
                StaticCaps.DEFAULT.toJson(),
                new KeyState.Rejected("over-cap", "types: 1000000, at most 100000 are allowed"),
                Samples.NOW);
    }

    private static CompileOutcome.Failed failed() {
        return new CompileOutcome.Failed(
                Samples.key(),
                Samples.digest("pack"),
                Limits.DEFAULT,
                new KeyState.Failed("memory", "the heap was too small", 3, Samples.NOW.plusSeconds(480)),
                Samples.NOW);
    }
}
