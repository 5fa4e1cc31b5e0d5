package dev.precast.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypesTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void a_digest_is_sha_256_with_its_prefix() throws IOException {
        Digest abc = Digest.of(new byte[] {'a', 'b', 'c'});

        assertThat(abc).hasToString("sha256:" + ABC).isEqualTo(Digest.parse("sha256:" + ABC));
        assertThat(Digest.of(new ByteArrayInputStream(new byte[] {'a', 'b', 'c'})))
                .isEqualTo(abc);
        assertThat(Digest.ofRaw(abc.raw())).isEqualTo(abc);
        assertThat(ModuleDigest.parse("sha256:" + ABC)).isEqualTo(new ModuleDigest(abc));
        assertThat(EngineHash.parse("sha256:" + ABC))
                .isEqualTo(new EngineHash(abc))
                .hasToString("sha256:" + ABC);
        assertThat(ConfigHash.parse("sha256:" + ABC))
                .isEqualTo(new ConfigHash(abc))
                .hasToString("sha256:" + ABC);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256:",
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                ABC,
                "sha512:" + ABC,
                "SHA256:" + ABC,
                "sha256:" + ABC + "0",
                "sha256:" + ABC + "\n",
                " sha256:" + ABC,
                "sha256:../../../../../../../../../../../../../../../../../../etc/passwd",
            })
    void no_other_spelling_of_a_digest_is_read(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse(text))
                .withMessageStartingWith("digest: expected ");
    }

    @Test
    void external_text_is_shortened_and_escaped() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse("\u001b[2J" + "x".repeat(1000)))
                .withMessage("digest: expected sha256: and 64 hexadecimal digits, found \"\\u001b[2J" + "x".repeat(76)
                        + "…\"");
    }

    @Test
    void an_engine_is_name_version_and_revision() {
        assertThat(EngineId.parse("chicory@1.7.5+1")).isEqualTo(new EngineId("chicory", "1.7.5", 1));
        assertThat(EngineId.parse("wasmtime@48.0.8-rc.1+999999")).hasToString("wasmtime@48.0.8-rc.1+999999");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "chicory",
                "chicory@1.7.5",
                "chicory@1.7.5+0",
                "chicory@1.7.5+01",
                "chicory@1.7.5+1000000",
                "chicory@1.7.5+1+1",
                "chicory@x+1",
                "chicory@1.7/5+1",
                "Chicory@1.7.5+1",
                "1chicory@1.7.5+1",
                "chicory @1.7.5+1",
                "a@b@1.7.5+1",
                "chicory@1.7.5+1\n",
            })
    void nothing_else_is_an_engine(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EngineId.parse(text))
                .withMessageStartingWith("engine");
    }

    @Test
    void engines_are_ordered_by_name_version_and_revision_as_numbers() {
        assertThat(Stream.of(
                                "endive@1.0.0+1",
                                "chicory@1.10.0+1",
                                "chicory@1.7.5+10",
                                "chicory@1.7.5+9",
                                "chicory@1.7.5-rc1+1")
                        .map(EngineId::parse)
                        .sorted()
                        .map(EngineId::toString))
                .containsExactly(
                        "chicory@1.7.5-rc1+1",
                        "chicory@1.7.5+9",
                        "chicory@1.7.5+10",
                        "chicory@1.10.0+1",
                        "endive@1.0.0+1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jvm", "pulley64", "x86_64-unknown-linux-gnu+sse4.2", "aarch64-apple-darwin"})
    void a_target_is_a_triple_or_a_short_name(String name) {
        assertThat(new Target(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "JVM", "-jvm", "../jvm", "a b", "jvm\n", "x/y"})
    void nothing_else_is_a_target(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Target(name))
                .withMessageStartingWith("target: expected jvm, pulley64 or a target triple, found \"");
    }

    @Test
    void a_config_is_its_canonical_json() {
        CompileConfig one = CompileConfig.parse(" {\"b\" : 1, \"a\" : [ true ] } ");
        CompileConfig two = CompileConfig.parse("{\"a\":[true],\"b\":1}");

        assertThat(one).isEqualTo(two).hasToString("{\"a\":[true],\"b\":1}");
        assertThat(one.hash().digest()).isEqualTo(Digest.of("{\"a\":[true],\"b\":1}".getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "null", "\"x\"", "{\"a\":0.5}", "{\"a\":1e3}", "{\"a\":9007199254740992}"})
    void a_config_is_an_object_of_exact_numbers(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> CompileConfig.parse(json));
    }

    @Test
    void a_config_of_more_than_16_kib_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CompileConfig.parse("{\"a\":\"" + "x".repeat(CompileConfig.MAX_BYTES) + "\"}"))
                .withMessage("config: too large (expected at most 16384 bytes, found 16392)");
    }
}
