package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.bundle.BundleFormat;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void a_module_is_compiled_to_its_bundle() throws Exception {
        assertThat(compile(Modules.arithmetic(), ChicoryFormat.DEFAULT_CONFIG.canonical()))
                .isZero();
        assertThat(folder.resolve("out")).hasBinaryContent(Artifact.compile(Modules.arithmetic()));
    }

    @Test
    void a_child_gives_the_same_bytes_as_this_process() throws Exception {
        write(Modules.tooLarge(new byte[] {}), ChicoryFormat.DEFAULT_CONFIG.canonical());
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "compile",
                        "in",
                        "out",
                        "config",
                        Artifact.ADVISORIES_FILE.toString()))
                .directory(folder.toFile())
                .inheritIO()
                .start();

        assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(child.exitValue()).isZero();
        assertThat(folder.resolve("out")).hasBinaryContent(Artifact.compile(Modules.tooLarge(new byte[] {})));
    }

    @Test
    void an_artifact_is_loaded_and_refused_if_a_byte_is_wrong() throws Exception {
        byte[] wasm = Modules.arithmetic();
        byte[] bundle = Artifact.compile(wasm);
        String[] check = {
            "check",
            Files.write(folder.resolve("artifact"), bundle).toString(),
            ModuleDigest.of(wasm).toString()
        };

        assertThat(Main.run(check, new PrintStream(out), new PrintStream(err))).isZero();

        bundle[bundle.length - 1] ^= 1;
        Files.write(folder.resolve("artifact"), bundle);
        assertThat(Main.run(check, new PrintStream(out), new PrintStream(err))).isEqualTo(65);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("\"code\":\"unloadable\"");
    }

    @Test
    void bytes_that_are_not_a_module_are_rejected() throws Exception {
        rejected(new byte[0], "not-wasm");
        rejected("text".getBytes(StandardCharsets.UTF_8), "not-wasm");
        rejected(new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0}, "component-unsupported");
    }

    @Test
    void a_malformed_or_invalid_module_is_rejected() throws Exception {
        rejected(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 99}, "invalid-module");
        byte[] invalid = new Wasm()
                .function("f", new int[] {}, new int[] {Wasm.I32}, 0, Wasm.code(0x42, 1))
                .bytes();
        rejected(invalid, "invalid-module");
    }

    @Test
    void an_import_of_a_type_that_the_module_does_not_have_is_rejected_as_invalid() throws Exception {
        String imported = "0061736d01000000" + "0105016000017f" + "020d0104746573740466756e630001";

        rejected(HexFormat.of().parseHex(imported), "invalid-module");
        rejected(HexFormat.of().parseHex(imported + "0705010161" + "0000"), "invalid-module");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 03020100, 0a040102000b, unknown function 1 in export a (the module has 1)",
        "1, 040401700001, '', unknown table 1 in export a (the module has 1)",
        "2, 0503010001, '', unknown memory 1 in export a (the module has 1)",
        "3, 0606017f0041000b, '', unknown global 1 in export a (the module has 1)",
        "4, 0d03010000, '', unknown tag 1 in export a (the module has 1)",
        "4, '', '', unknown tag 1 in export a (the module has 0)"
    })
    void an_export_of_what_the_module_does_not_have_is_rejected(int kind, String before, String after, String message)
            throws Exception {
        String export = "0705010161" + HexFormat.of().toHexDigits((byte) kind) + "01";
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + "010401600000" + before + export + after);

        assertThat(compile(wasm, ChicoryFormat.DEFAULT_CONFIG.canonical())).isEqualTo(65);
        assertThat(verdict().string("code")).isEqualTo("invalid-module");
        assertThat(verdict().string("message")).isEqualTo(message);
    }

    @Test
    void a_table_whose_initial_value_is_not_an_imported_global_is_rejected() throws Exception {
        String own = "0061736d01000000" + "0409014000700001" + "23000b" + "0606017000d0700b";
        rejected(HexFormat.of().parseHex(own), "invalid-module");
        assertThat(verdict().string("message"))
                .isEqualTo("unknown global 0 in the initial value of table 0 (the module imports 0)");

        String imported =
                "0061736d01000000" + "02080101610162037000" + "0409014000700001" + "23000b" + "0606017000d0700b";
        assertThat(compile(HexFormat.of().parseHex(imported), ChicoryFormat.DEFAULT_CONFIG.canonical()))
                .isZero();
        rejected(HexFormat.of().parseHex(imported.replace("23000b", "23010b")), "invalid-module");
        assertThat(verdict().string("message"))
                .isEqualTo("unknown global 1 in the initial value of table 0 (the module imports 1)");
    }

    @Test
    void two_exports_of_one_name_are_rejected() throws Exception {
        byte[] wasm = new Wasm()
                .function("a", new int[] {}, new int[] {}, 0, Wasm.code())
                .function("a", new int[] {}, new int[] {}, 0, Wasm.code())
                .bytes();

        rejected(wasm, "invalid-module");
        assertThat(verdict().string("message")).isEqualTo("duplicate export name a");
    }

    @Test
    void an_unsupported_module_is_rejected() throws Exception {
        byte[] simd = new Wasm()
                .function("f", new int[] {}, new int[] {}, 0, Wasm.code(0xfd, 12, new byte[16], 0x1a))
                .bytes();
        rejected(simd, "unsupported");
    }

    @Test
    void a_function_too_large_is_rejected_if_the_config_says_so() throws Exception {
        assertThat(compile(
                        Modules.tooLarge(new byte[] {}), "{\"functionsPerClass\":50,\"interpreterFallback\":\"fail\"}"))
                .isEqualTo(65);
        assertThat(verdict().string("code")).isEqualTo("unsupported");
    }

    @Test
    void an_invalid_config_does_not_reject_the_module() throws Exception {
        for (String config : List.of(
                "{}",
                "[]",
                "{\"functionsPerClass\":50}",
                "{\"functionsPerClass\":0,\"interpreterFallback\":\"silent\"}",
                "{\"functionsPerClass\":50,\"interpreterFallback\":\"loud\"}",
                "{\"functionsPerClass\":50,\"interpreterFallback\":\"silent\",\"other\":1}")) {
            assertThat(compile(Modules.arithmetic(), config)).as(config).isEqualTo(64);
        }
    }

    @Test
    void a_probe_prints_the_lanes_on_one_line() {
        assertThat(run("probe", Artifact.ADVISORIES_FILE.toString())).isZero();
        JsonObject lanes = Json.parse(out.toString(StandardCharsets.UTF_8)).asObject("probe");

        assertThat(out.toString(StandardCharsets.UTF_8).trim().lines()).hasSize(1);
        JsonObject lane = lanes.array("lanes").get(0).asObject("lane");
        assertThat(lane.string("engineHash"))
                .isEqualTo(ChicoryFormat.engineHash().toString());
        assertThat(lane.string("profile")).isEqualTo("default");
    }

    @Test
    void a_probe_refuses_a_wrong_list_of_advisories() throws Exception {
        Path list = Files.writeString(folder.resolve("advisories.json"), """
                {"advisories": [{"id": "mine", "uses": ["FLY"], "when": [], "then": "interpret", "why": "it falls"}]}
                """);

        assertThat(run("probe", list.toString())).isEqualTo(64);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("config or advisories: advisory mine: unknown opcode FLY");
    }

    @Test
    void wrong_arguments_are_reported() {
        assertThat(run()).isEqualTo(64);
        assertThat(run("compile", "in")).isEqualTo(64);
        assertThat(run("compile", "in", "out", "config")).isEqualTo(64);
    }

    @Test
    void the_pack_offers_the_default_config_of_the_load_side() throws Exception {
        JsonObject pack = Json.parse(Files.readString(Path.of("src/main/pack/engine.json"))
                        .replace("@engine.version@", System.getProperty("engine.version")))
                .asObject("pack");

        assertThat(pack.object("profiles").object("default")).isEqualTo(ChicoryFormat.DEFAULT_CONFIG.options());
        assertThat(pack.object("engine").string("name") + "@"
                        + pack.object("engine").string("version") + "+"
                        + pack.object("engine").integer("revision", 1, 999_999))
                .isEqualTo(ChicoryFormat.ENGINE.toString());
        assertThat(pack.string("format")).isEqualTo(BundleFormat.NAME);
    }

    private void rejected(byte[] wasm, String code) throws IOException {
        assertThat(compile(wasm, ChicoryFormat.DEFAULT_CONFIG.canonical())).isEqualTo(65);
        assertThat(verdict().string("code")).isEqualTo(code);
        assertThat(verdict().string("message")).isNotBlank();
    }

    private JsonObject verdict() {
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        return Json.parse(lines.get(lines.size() - 1)).asObject("verdict");
    }

    private int compile(byte[] wasm, String config) throws IOException {
        write(wasm, config);
        return run(
                "compile",
                folder.resolve("in").toString(),
                folder.resolve("out").toString(),
                folder.resolve("config").toString(),
                Artifact.ADVISORIES_FILE.toString());
    }

    private void write(byte[] wasm, String config) throws IOException {
        Files.write(folder.resolve("in"), wasm);
        Files.writeString(folder.resolve("config"), config);
    }

    private int run(String... args) {
        out.reset();
        return Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
