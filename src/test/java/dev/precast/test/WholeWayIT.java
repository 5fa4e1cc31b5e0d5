package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.luben.zstd.Zstd;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.bench.corpus.CorpusModule;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.Finding;
import dev.precast.host.HttpSource;
import dev.precast.host.Precast;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Upload, compile, look up, verify, load and run, each step by itself; the last ones in a JVM without a compiler. */
final class WholeWayIT {
    /** The list of modules; not its jar, whose manifest brings the compilers that are measured. */
    private static final Path MODULES = LocalService.HOME.resolve("bench/target/classes");

    private static final Duration WAIT = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"exceptions", "quickjs"})
    void a_module_is_compiled_once_and_runs_in_a_fresh_JVM_without_a_compiler(String name) throws Exception {
        LocalService service = LocalService.shared();
        CorpusModule module = TestModules.named(name);
        LaneId lane = new ChicoryLoader().lanes().getFirst().id();
        ArtifactKey key = lane.key(ModuleDigest.of(module.wasm()));
        HttpSource source = service.source();

        service.rest().upload(module.wasm());
        service.rest().upload(module.wasm());

        Finding compiled = source.compile(key, WholeWayIT::neededAgain, WAIT);
        Finding found = service.find(key);
        assertThat(compiled).isInstanceOf(Finding.Present.class);
        assertThat(found).isInstanceOf(Finding.Present.class);

        Attestation attestation = service.verifier().verify(((Finding.Present) found).envelope(), key, false);
        try (InputStream payload = source.open(attestation)) {
            assertThat(Digest.of(payload)).isEqualTo(attestation.payload().digest());
        }

        assertThat(freshJvm(service, name)).isEqualTo(HostProgram.NO_COMPILER + "\n" + lines(module));
        assertThat(freshJvm(service, name))
                .as("from the disk cache")
                .isEqualTo(HostProgram.NO_COMPILER + "\n" + lines(module));
    }

    private static byte[] neededAgain() throws IOException {
        throw new IOException("the service has the module and asks for it again");
    }

    private static String lines(CorpusModule module) {
        return TestModules.compiledHere(module).stream()
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private String freshJvm(LocalService service, String module) throws Exception {
        Process host = new ProcessBuilder(
                        LocalService.JAVA,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        hostClassPath(),
                        HostProgram.class.getName(),
                        service.address().toString(),
                        service.trustRoot().toString(),
                        folder.resolve("cache").toString(),
                        module)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(host.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(host.waitFor()).as("exit code of the host").isZero();
        return printed;
    }

    /** What a host has: the host client, the load side and the engine's runtime; the list of modules is the tests'. */
    private static String hostClassPath() {
        return Stream.of(
                        Precast.class,
                        ArtifactKey.class,
                        ChicoryLoader.class,
                        Caffeine.class,
                        Zstd.class,
                        Parser.class,
                        Instance.class,
                        WasiPreview1.class,
                        com.dylibso.chicory.log.Logger.class,
                        HostProgram.class)
                .map(WholeWayIT::where)
                .collect(Collectors.joining(File.pathSeparator, "", File.pathSeparator + MODULES));
    }

    private static String where(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
