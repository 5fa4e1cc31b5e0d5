package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real modules and components, compiled by a worker and loaded by a host, do what they do when this process compiles them.
 * Small modules go through every profile and version, large ones through some: all of them would take a quarter of an hour.
 */
class WasmtimeIT {
    private static final Duration WAIT = Duration.ofMinutes(4);
    private static final String[] VERSIONS = {"48.0.0", "50.0.1"};

    /** What commands are asked to do; what is not here is no command, and its code is compared. */
    private static final Map<String, List<String>> COMMANDS = Map.of(
            "cpython",
            List.of(
                    "-c",
                    "import sys; print(sum(i * i for i in range(1000)), 2 ** 200, sorted('precast')); sys.exit(5)"),
            "py-component",
            List.of("b", "a"),
            "js-component",
            List.of());

    @TempDir
    private static Path folder;

    static Stream<Arguments> combinations() {
        Stream<Arguments> small = Stream.of("quickjs", "sqlite")
                .flatMap(module -> Stream.of(VERSIONS)
                        .flatMap(version -> Stream.of(Profile.values()).map(p -> Arguments.of(module, version, p))));
        Stream<Arguments> large = Stream.of(
                Arguments.of("cpython", "48.0.0", Profile.CRANELIFT),
                Arguments.of("cpython", "48.0.0", Profile.PULLEY),
                Arguments.of("cpython", "50.0.1", Profile.PORTABLE),
                Arguments.of("cpython", "50.0.1", Profile.WINCH),
                Arguments.of("ruby", "48.0.0", Profile.WINCH),
                Arguments.of("ruby", "50.0.1", Profile.WINCH),
                Arguments.of("esbuild", "48.0.0", Profile.WINCH),
                Arguments.of("esbuild", "50.0.1", Profile.WINCH),
                Arguments.of("py-component", "48.0.0", Profile.PORTABLE),
                Arguments.of("py-component", "50.0.1", Profile.WINCH),
                Arguments.of("js-component", "50.0.1", Profile.CRANELIFT),
                Arguments.of("js-component", "48.0.0", Profile.WINCH));
        return Stream.concat(small, large);
    }

    @ParameterizedTest(name = "{0} by Wasmtime {1}, {2}")
    @MethodSource("combinations")
    void what_a_worker_compiled_does_what_is_compiled_here(String name, String version, Profile profile)
            throws Exception {
        byte[] wasm = wasm(name);
        Path cache = folder.resolve(version + profile.key());
        WasmtimeCode here;
        try {
            here = loader(version, profile).compile(wasm, profile);
        } catch (IllegalArgumentException e) {
            String reason = String.valueOf(e.getCause().getMessage());
            System.out.println(name + " by Wasmtime " + version + ", " + profile.key() + ": cannot, " + reason);
            assertThatThrownBy(() -> load(wasm, version, profile, cache))
                    .isInstanceOf(ArtifactMissingException.class)
                    .hasMessageContaining("rejected")
                    .hasMessageContaining(reason.lines().findFirst().orElseThrow());
            return;
        }

        WasmtimeCode loaded = load(wasm, version, profile, cache);
        assertThat(loaded.kind()).isEqualTo(WasmKind.of(wasm));
        List<String> arguments = COMMANDS.get(name);
        if (arguments != null) {
            assertThat(run(loaded, arguments)).isEqualTo(run(here, arguments));
        } else {
            assertThat(payloads(cache))
                    .as("the same code, byte for byte")
                    .contains(compiledHere(wasm, version, profile));
        }
    }

    /** What a program printed, and its exit code. */
    private record Ran(int exit, String out) {}

    private static Ran run(WasmtimeCode code, List<String> arguments) throws IOException, WasmtimeException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        List<String> argv = new ArrayList<>(List.of("program"));
        argv.addAll(arguments);
        int exit = code.run(
                new WasiSettings(argv, Map.of(), Map.of(), Optional.empty(), Optional.of(out), Optional.empty()));
        Ran ran = new Ran(exit, Files.readString(out));
        assertThat(ran.out).isNotBlank();
        return ran;
    }

    private static WasmtimeLoader loader(String version, Profile profile) {
        return WasmtimeLoader.of(library(version), List.of(profile));
    }

    private static Path library(String version) {
        return LocalService.HOME
                .resolve("engines/target/wasmtime")
                .resolve(version)
                .resolve(System.mapLibraryName("wasmtime"));
    }

    private static WasmtimeCode load(byte[] wasm, String version, Profile profile, Path cache) throws Exception {
        LocalService service = LocalService.shared();
        try (Precast<WasmtimeCode> precast = Precast.builder(loader(version, profile))
                .service(service.address())
                .trustRoot(service.trustRoot())
                .diskCache(cache, 4L << 30)
                .onMiss(MissPolicy.waitFor(WAIT, MissPolicy.fail()))
                .build()) {
            return precast.load(ModuleDigest.of(wasm), () -> wasm);
        }
    }

    private static List<String> payloads(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache.resolve("payloads"))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    /** Digest of what this process serializes; workers do it in a child of theirs. */
    private static String compiledHere(byte[] wasm, String version, Profile profile) throws Exception {
        WasmtimeLibrary library = WasmtimeLibrary.load(library(version));
        Path out = Files.createTempDirectory(folder, "here").resolve("out.cwasm");
        try (Arena arena = Arena.ofConfined();
                Engine engine = Engine.create(library, profile.config(library), profile.target());
                CompiledCode code = engine.compile(
                        arena.allocate(wasm.length).copyFrom(MemorySegment.ofArray(wasm)), WasmKind.of(wasm))) {
            code.serialize(out);
        }
        return Digest.of(Files.readAllBytes(out)).hex();
    }

    private static byte[] wasm(String name) throws Exception {
        return name.endsWith("-component")
                ? component(name)
                : TestModules.named(name).wasm();
    }

    private static byte[] component(String name) throws Exception {
        Path corpus = Path.of(System.getProperty("user.home"), ".cache", "precast", "corpus");
        Path file = corpus.resolve(name + ".wasm");
        if (!Files.exists(file)) {
            Process made = new ProcessBuilder(
                            LocalService.HOME.resolve("bench/corpus/components").toString())
                    .inheritIO()
                    .start();
            assertThat(made.waitFor()).as("bench/corpus/components").isZero();
        }
        return Files.readAllBytes(file);
    }
}
