package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.testing.Scale;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.Exercise;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real modules and components that a worker compiled and a host loaded behave as if this process had compiled them, in
 * every profile of both versions. {@code target/wasmtime-combinations.md} lists the result of each combination.
 */
@Tag("wasmtime")
class WasmtimeIT {
    private static final Duration WAIT = Duration.ofMinutes(4);
    /** More than the largest artifact. */
    private static final long DISK_BYTES = 1L << 27;

    private static final Set<String> SMALL = Set.of("sqlite", "quickjs");

    private static final List<String> VERSIONS = List.of("48.0.0", "50.0.1");

    /** The modules, and what is told by one that did what it was asked to. */
    private static final Map<String, String> TOLD = Map.of(
            "cpython", "caught list index out of range",
            "ruby", "out: 3.4",
            "esbuild", "call resume[] ",
            "sqlite", "no such column: nonsense",
            "quickjs", "1267650600228229401496703205376",
            "py-component", "\"words\": [\"a\", \"b\"]",
            "js-component", "\"fib\":610");

    private static final Map<String, Exercise> COMPONENTS =
            Map.of("py-component", Exercise.parse("args program b a"), "js-component", Exercise.parse("args program"));

    private static final List<String> combined = new ArrayList<>();

    @TempDir
    private static Path folder;

    static Stream<Arguments> combinations() {
        Map<Boolean, List<Arguments>> bySmall = all().collect(Collectors.partitioningBy(
                combination -> SMALL.contains(combination.get()[0])));
        return Stream.concat(
                Scale.sample(WasmtimeIT.class, bySmall.get(true), 5).stream(),
                Scale.sample(WasmtimeIT.class, bySmall.get(false), 1).stream());
    }

    private static Stream<Arguments> all() {
        return TOLD.keySet().stream()
                .sorted()
                .flatMap(module -> VERSIONS.stream()
                        .flatMap(version ->
                                Stream.of(Profile.values()).map(profile -> Arguments.of(module, version, profile))));
    }

    @ParameterizedTest(name = "{0} by Wasmtime {1}, {2}")
    @MethodSource("combinations")
    void artifacts_of_a_worker_behave_like_local_compilations(String name, String version, Profile profile)
            throws Exception {
        CorpusModule module = module(name);
        String combination = "| " + name + " | " + version + " | " + profile.key() + " | ";
        try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
            Future<CompiledHere> compiling = beside.submit(
                    () -> CompiledHere.of(module.wasm(), WasmtimeLibrary.load(library(version)), profile));
            WasmtimeCode loaded;
            try {
                loaded = load(module.wasm(), version, profile);
            } catch (ArtifactMissingException missing) {
                assertThat(missing).hasMessageContaining("rejected");
                String reason = refusal(compiling);
                assertThat(missing).hasMessageContaining(reason);
                combined.add(combination + "refused: " + reason + " |");
                return;
            }
            try (CompiledHere here = compiling.get()) {
                assertThat(loaded.kind()).isEqualTo(here.kind());
                assertThat(payloads(version, profile))
                        .as("payload digests, which include that of the code compiled here")
                        .contains(here.digest(folder).hex());
                List<String> lines = WasmtimeTranscript.of(module.exercise(), new LoadedCode(loaded), folder);
                assertThat(lines).isEqualTo(WasmtimeTranscript.of(module.exercise(), here, folder));
                assertThat(lines).anyMatch(line -> line.contains(TOLD.get(name)));
            }
            combined.add(combination + "the same |");
        }
    }

    /** The engine's reason, as this process hears it. */
    private static String refusal(Future<CompiledHere> compiling) {
        ExecutionException refused = catchThrowableOfType(ExecutionException.class, compiling::get);
        assertThat(refused).hasCauseInstanceOf(WasmtimeException.class);
        return refused.getCause().getMessage().lines().findFirst().orElseThrow();
    }

    private static Path library(String version) {
        return LocalService.HOME
                .resolve("engines/target/wasmtime")
                .resolve(version)
                .resolve(System.mapLibraryName("wasmtime"));
    }

    private static WasmtimeCode load(byte[] wasm, String version, Profile profile) throws Exception {
        LocalService service = LocalService.shared();
        try (Precast<WasmtimeCode> precast = Precast.builder(WasmtimeLoader.of(library(version), List.of(profile)))
                .source(service.source())
                .trustRoot(service.trustRoot())
                .diskCache(cache(version, profile), DISK_BYTES)
                .onMiss(MissPolicy.waitFor(WAIT, MissPolicy.fail()))
                .build()) {
            return precast.load(ModuleDigest.of(wasm), () -> wasm);
        }
    }

    private static Path cache(String version, Profile profile) {
        return folder.resolve(version + profile.key());
    }

    private static List<String> payloads(String version, Profile profile) throws IOException {
        try (Stream<Path> files = Files.list(cache(version, profile).resolve("payloads"))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private static CorpusModule module(String name) throws Exception {
        Exercise ofComponent = COMPONENTS.get(name);
        return ofComponent == null ? TestModules.named(name) : new CorpusModule(name, component(name), ofComponent);
    }

    private static byte[] component(String name) throws Exception {
        Path corpus = Path.of(System.getProperty("user.home"), ".cache", "precast", "corpus");
        Path file = corpus.resolve(name + ".wasm");
        if (!Files.exists(file)) {
            Process made = new ProcessBuilder(LocalService.HOME
                            .resolve("testkit/corpus/components")
                            .toString())
                    .inheritIO()
                    // What it starts reads its input, and this JVM's is how Maven talks to it.
                    .redirectInput(new File("/dev/null"))
                    .start();
            assertThat(made.waitFor())
                    .as("exit code of testkit/corpus/components")
                    .isZero();
        }
        return Files.readAllBytes(file);
    }

    @AfterAll
    static void tell() throws IOException {
        combined.addAll(
                0,
                List.of("| module | Wasmtime | profile | against compiled in-process |", "| --- | --- | --- | --- |"));
        Files.write(Path.of("target/wasmtime-combinations.md"), combined);
    }
}
