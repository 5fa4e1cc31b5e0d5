package dev.precast.engine.wasmtime.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static final byte[] MODULE = HexFormat.of().parseHex("0061736d01000000");
    private static final byte[] COMPONENT = HexFormat.of().parseHex("0061736d0d000100");
    /** {@code (module (type (struct)))}: of the GC proposal. */
    private static final byte[] STRUCT = HexFormat.of().parseHex("0061736d01000000" + "0103015f00");

    /** {@code (module (tag $e) (func (throw $e)))}: of the exceptions proposal. */
    private static final byte[] THROW = HexFormat.of()
            .parseHex("0061736d01000000" + "010401600000" + "03020100" + "0d03010000" + "0a0601040008000b");

    private static final String[] VERSIONS = {"48.0.0", "50.0.1"};

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    static Stream<Arguments> everyProfile() {
        return Stream.of(VERSIONS)
                .flatMap(version -> Stream.of(Profile.values()).map(profile -> Arguments.of(version, profile)));
    }

    @ParameterizedTest
    @MethodSource("everyProfile")
    void modules_and_components_are_compiled_by_the_engine_that_the_probe_told(String version, Profile profile)
            throws Exception {
        JsonObject lane = probe(version).array("lanes").stream()
                .map(each -> each.asObject("lane"))
                .filter(each -> each.string("profile").equals(profile.key()))
                .findFirst()
                .orElseThrow();

        assertThat(compile(version, profile, MODULE)).isZero();
        CwasmFile module = CwasmFile.read(folder.resolve("out"));
        Files.delete(folder.resolve("out"));
        assertThat(compile(version, profile, COMPONENT)).isZero();
        CwasmFile component = CwasmFile.read(folder.resolve("out"));

        assertThat(module.kind()).isEqualTo(WasmKind.MODULE);
        assertThat(component.kind()).isEqualTo(WasmKind.COMPONENT);
        assertThat(lane.string("engineHash"))
                .isEqualTo(module.engineHash().toString())
                .isEqualTo(component.engineHash().toString());
        assertThat(lane.string("target")).startsWith(module.architecture());
        assertThat(lane.string("format")).isEqualTo(CwasmFile.FORMAT);
    }

    @Test
    void bytes_that_are_not_wasm_are_rejected() throws Exception {
        rejected(Profile.CRANELIFT, new byte[0], "not-wasm", "found 0");
        rejected(Profile.CRANELIFT, "some text".getBytes(StandardCharsets.UTF_8), "not-wasm", "neither a core module");
    }

    @Test
    void a_malformed_module_is_rejected_with_Wasmtimes_message() throws Exception {
        byte[] cut = HexFormat.of().parseHex("0061736d01000000" + "0163");
        rejected(Profile.CRANELIFT, cut, "invalid-module", "unexpected end");
    }

    @Test
    void a_feature_that_one_profile_lacks_is_rejected_there_and_compiled_by_others() throws Exception {
        assertThat(compile("50.0.1", Profile.CRANELIFT, STRUCT)).isZero();
        Files.delete(folder.resolve("out"));
        rejected(Profile.WINCH, STRUCT, "invalid-module", "gc");
        rejected(Profile.PORTABLE, STRUCT, "invalid-module", "gc");
        rejected(Profile.PORTABLE, THROW, "invalid-module", "exceptions");
    }

    @Test
    void options_that_contradict_each_other_are_refused_before_Wasmtime_ends_the_process() throws Exception {
        for (String version : VERSIONS) {
            JsonObject portable = Profile.PORTABLE
                    .config(WasmtimeLibrary.load(library(version)))
                    .options();
            Files.writeString(
                    folder.resolve("config"),
                    portable.with("wasm_exceptions", Json.of(true)).canonical());
            assertThat(run(version, THROW, Profile.PORTABLE.target().name())).isEqualTo(64);
            assertThat(errors()).contains("config: wasm_exceptions is true, but gc_support is false");

            Files.writeString(folder.resolve("config"), portable.canonical());
            assertThat(run(version, MODULE, "pulley64")).isEqualTo(64);
            assertThat(errors()).contains("config: signals_based_traps is true, but the target is pulley64");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x86_64-unknown-linux-gnu",
                "aarch64-unknown-linux-gnu",
                "riscv64gc-unknown-linux-gnu",
                "x86_64-unknown-linux-musl",
                "x86_64-pc-windows-msvc",
                "x86_64-apple-darwin",
                "aarch64-apple-darwin",
                "aarch64-linux-android",
                "pulley32",
                "s390x-unknown-linux-gnu"
            })
    void a_target_that_the_library_cannot_make_is_named(String target) throws Exception {
        WasmtimeLibrary library = WasmtimeLibrary.load(library("50.0.1"));
        Files.writeString(
                folder.resolve("config"),
                Profile.PORTABLE.config(library).options().canonical());
        String own = Profile.PORTABLE.target().name();

        if (target.equals(own)) {
            assertThat(run("50.0.1", MODULE, target)).isZero();
        } else {
            assertThat(run("50.0.1", MODULE, target)).isEqualTo(64);
            assertThat(errors())
                    .startsWith("target " + target + ": this library compiles for " + own + " and pulley64; use ");
            assertThat(folder.resolve("out")).doesNotExist();
        }
    }

    @Test
    void a_target_that_the_library_cannot_make_does_not_keep_the_probe_from_the_others() throws Exception {
        assertThat(main("describe", library("50.0.1").toString(), "50.0.1", "cranelift", "portable"))
                .isZero();
        JsonObject description = Json.parse(out.toByteArray()).asObject("description");
        JsonObject targets = description
                .object("targets")
                .with(
                        "portable",
                        Json.ofStrings(List.of(Profile.PORTABLE.target().name(), "riscv64-unknown-none")));
        Path changed = Files.writeString(
                folder.resolve("engine.json"),
                description.with("targets", targets).canonical());
        out.reset();

        assertThat(main("probe", library("50.0.1").toString(), changed.toString()))
                .isZero();
        JsonObject probe = Json.parse(out.toByteArray()).asObject("probe");
        assertThat(probe.array("lanes")).hasSize(2);
        JsonObject refused = probe.array("refused").get(0).asObject("refused");
        assertThat(refused.string("target")).isEqualTo("riscv64-unknown-none");
        assertThat(refused.string("why")).contains("this library compiles for");
    }

    @Test
    void a_config_of_another_version_is_refused() throws Exception {
        WasmtimeLibrary young = WasmtimeLibrary.load(library("50.0.1"));
        Files.writeString(
                folder.resolve("config"),
                Profile.CRANELIFT.config(young).options().canonical());

        assertThat(run("48.0.0", MODULE, Profile.CRANELIFT.target().name())).isEqualTo(64);
        assertThat(errors()).contains("unknown options: ").contains("wasm_compact_imports");
    }

    @Test
    void an_abort_of_Wasmtime_ends_the_child_and_names_its_reason() throws Exception {
        Files.write(folder.resolve("in"), MODULE);
        WasmtimeLibrary library = WasmtimeLibrary.load(library("50.0.1"));
        Files.writeString(
                folder.resolve("config"),
                Profile.CRANELIFT
                        .config(library)
                        .options()
                        .with("concurrency_support", Json.of(false))
                        .canonical());
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "compile",
                        library("50.0.1").toString(),
                        folder.resolve("in").toString(),
                        folder.resolve("out").toString(),
                        folder.resolve("config").toString(),
                        Profile.CRANELIFT.target().name()))
                .directory(folder.toFile())
                .start();
        String errors = new String(child.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).isEqualTo(128 + 6);
        assertThat(errors).contains("panicked at").contains("concurrency support must be enabled");
    }

    @Test
    void a_pack_is_described_only_with_the_version_that_its_library_has() {
        assertThat(main("describe", library("48.0.0").toString(), "50.0.1", "cranelift"))
                .isEqualTo(64);
        assertThat(errors()).contains("version: 50.0.1 is not the library's version (expected major version 48)");
        assertThat(main("describe", library("48.0.0").toString(), "48.0.0", "llvm"))
                .isEqualTo(64);
        assertThat(errors()).contains("profile: expected one of [cranelift, winch, pulley, portable], found llvm");
    }

    private void rejected(Profile profile, byte[] wasm, String code, String words) throws IOException {
        assertThat(compile("50.0.1", profile, wasm)).isEqualTo(65);
        JsonObject why = Json.parse(errors().lines().toList().getLast()).asObject("rejection");
        assertThat(why.string("code")).isEqualTo(code);
        assertThat(why.string("message")).contains(words);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private int compile(String version, Profile profile, byte[] wasm) throws IOException {
        WasmtimeLibrary library = WasmtimeLibrary.load(library(version));
        Files.writeString(
                folder.resolve("config"), profile.config(library).options().canonical());
        return run(version, wasm, profile.target().name());
    }

    private int run(String version, byte[] wasm, String target) throws IOException {
        Files.write(folder.resolve("in"), wasm);
        return main(
                "compile",
                library(version).toString(),
                folder.resolve("in").toString(),
                folder.resolve("out").toString(),
                folder.resolve("config").toString(),
                target);
    }

    private JsonObject probe(String version) throws IOException {
        assertThat(main("describe", library(version).toString(), version, "cranelift", "winch", "pulley", "portable"))
                .isZero();
        Path description = folder.resolve("engine.json");
        Files.write(description, out.toByteArray());
        out.reset();
        assertThat(main("probe", library(version).toString(), description.toString()))
                .isZero();
        JsonObject lanes = Json.parse(out.toByteArray()).asObject("probe");
        out.reset();
        return lanes;
    }

    private int main(String... args) {
        err.reset();
        return Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static Path library(String version) {
        return Path.of("../../target/wasmtime", version).toAbsolutePath().resolve(System.mapLibraryName("wasmtime"));
    }
}
