package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.load.EngineLoader;
import dev.precast.load.EngineOptions;
import dev.precast.load.EngineProvider;
import dev.precast.load.WasiProgram;
import dev.precast.protocol.KeyState;
import dev.precast.test.DocPage.Block;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that Precast does not know compiles, loads and runs a module with no files but its own. */
@Tag("engines")
final class ToyEngineIT {
    private static final Duration WAIT = Duration.ofMinutes(1);

    /** (module (func (result i32) i32.const 40 i32.const 2 i32.add)). */
    private static final byte[] SUM = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 40, 0x41, 2, 0x6a,
        0x0b
    };

    @TempDir
    private static Path folder;

    private static ToyEngine toy;
    private static LocalService service;

    @BeforeAll
    static void a_worker_has_its_pack() throws Exception {
        toy = ToyEngine.write(folder.resolve("home"));
        toy.build();
        service = LocalService.start(folder.resolve("data"), toy.packs());
    }

    @AfterAll
    static void close() {
        service.close();
    }

    @Test
    void a_host_finds_the_engine_and_a_module_is_compiled_signed_verified_loaded_and_run() throws Exception {
        try (URLClassLoader jars = new URLClassLoader(jars(), EngineProvider.class.getClassLoader())) {
            ArtifactKey key = loadAndRun(toy(jars));

            KeyState found = service.find(key);
            assertThat(found).isInstanceOf(KeyState.Present.class);
            Attestation attestation = service.verifier().verify(((KeyState.Present) found).envelope(), key, false);
            assertThat(attestation.format()).isEqualTo("toy/1");
            assertThat(attestation.payload().size()).isEqualTo("toy/1 42".length());
        }
    }

    private static EngineProvider<?> toy(ClassLoader jars) {
        for (EngineProvider<?> engine : ServiceLoader.load(EngineProvider.class, jars)) {
            if (engine.name().equals("toy")) {
                return engine;
            }
        }
        throw new AssertionError("the toy is not found");
    }

    private static <M> ArtifactKey loadAndRun(EngineProvider<M> provider) throws Exception {
        EngineLoader<M> loader =
                provider.open(new EngineOptions(Optional.empty(), Optional.empty(), folder, List.of()));
        try (Precast<M> host = Precast.builder(loader)
                .source(service.source())
                .trustRoot(service.trustRoot())
                .onMiss(MissPolicy.waitFor(WAIT, MissPolicy.fail()))
                .build()) {
            M module = host.load(SUM);
            assertThat(provider.run(module, new WasiProgram(List.of("sum"), Map.of(), Map.of())))
                    .isZero();
        }
        return loader.lanes().getFirst().id().key(ModuleDigest.of(SUM));
    }

    private static URL[] jars() throws IOException {
        List<URL> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(toy.run())) {
            for (Path file : files.toList()) {
                jars.add(file.toUri().toURL());
            }
        }
        return jars.toArray(URL[]::new);
    }

    @Test
    void the_commands_of_the_page_do_what_it_says() throws Exception {
        StringBuilder script = new StringBuilder("set -euo pipefail\nprecast() { ")
                .append(String.join(" ", LocalService.COMMAND_LINE))
                .append(" \"$@\"; }\n");
        for (Block block : DocPage.named(ToyEngine.PAGE).runBy(ToyEngineIT.class)) {
            script.append(block.code());
        }
        Path log = folder.resolve("page.log");
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        bash.environment().put("TMPDIR", folder.toString());
        bash.environment().put("PRECAST_HOME", toy.home().toString());
        bash.environment().putAll(service.environment());
        bash.environment().put("PRECAST_CACHE", folder.resolve("cache").toString());
        Process running = bash.start();

        assertThat(running.waitFor(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).contains("instruction 107");
    }
}
