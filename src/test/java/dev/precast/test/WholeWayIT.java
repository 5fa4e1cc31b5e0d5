package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.luben.zstd.Zstd;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.protocol.KeyState;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.JvmEngine;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Uploads, compiles, looks up and verifies a module, each as a separate step, then loads and runs the artifact in a JVM
 * without a compiler.
 */
@Tag("engines")
final class WholeWayIT {
    /** The list of modules; not its jar, whose manifest brings the compilers that are measured. */
    private static final Path MODULES = LocalService.HOME.resolve("testkit/target/classes");

    private static final Duration WAIT = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("engines")
    void a_module_is_compiled_once_and_runs_in_a_fresh_JVM_without_a_compiler(JvmEngine engine, String name)
            throws Exception {
        LocalService service = LocalService.shared();
        CorpusModule module = TestModules.named(name);
        ArtifactKey key = engine.key(module.wasm());
        ServiceClient source = service.source();

        service.rest().upload(module.wasm());
        service.rest().upload(module.wasm());

        KeyState compiled = source.compile(key, WholeWayIT::neededAgain, WAIT);
        KeyState found = service.find(key);
        assertThat(compiled).isInstanceOf(KeyState.Present.class);
        assertThat(found).isInstanceOf(KeyState.Present.class);

        Attestation attestation = service.verifier().verify(((KeyState.Present) found).envelope(), key, false);
        try (InputStream payload = source.open(attestation)) {
            assertThat(Digest.of(payload)).isEqualTo(attestation.payload().digest());
        }

        String expected = JvmEngine.NO_COMPILER + "\n" + lines(engine.compiledHere(module));
        assertThat(freshJvm(engine, service, name)).isEqualTo(expected);
        assertThat(freshJvm(engine, service, name))
                .as("output of a second host, which loads from the disk cache")
                .isEqualTo(expected);
    }

    /** One server has both engines. */
    static Stream<Arguments> engines() {
        return Stream.of(JvmEngines.CHICORY, JvmEngines.ENDIVE)
                .flatMap(engine -> Stream.of("exceptions", "quickjs").map(name -> Arguments.of(engine, name)));
    }

    private static byte[] neededAgain() throws IOException {
        throw new IOException("the service has the module and asks for it again");
    }

    private static String lines(List<String> transcript) {
        return transcript.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private String freshJvm(JvmEngine engine, LocalService service, String module) throws Exception {
        Process host = new ProcessBuilder(
                        LocalService.JAVA,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        hostClassPath(engine),
                        engine.host().getName(),
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
    private static String hostClassPath(JvmEngine engine) {
        return Stream.concat(
                        Stream.of(Precast.class, ArtifactKey.class, Caffeine.class, Zstd.class),
                        engine.libraries().stream())
                .map(WholeWayIT::where)
                .distinct()
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
