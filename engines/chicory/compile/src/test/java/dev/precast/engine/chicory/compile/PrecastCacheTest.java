package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleFormat;
import dev.precast.bundle.BundleIndex;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ClassJarLoader;
import dev.precast.load.VerifiedArtifact;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PrecastCacheTest {
    private final AtomicInteger asked = new AtomicInteger();

    private long run(byte[] wasm, byte[] bundle, String function, long argument) {
        WasmModule module = Parser.parse(wasm);
        PrecastCache cache = new PrecastCache(digest -> {
            asked.incrementAndGet();
            assertThat(digest).isEqualTo(ModuleDigest.of(wasm));
            return jar(wasm, bundle);
        });
        Instance instance = Instance.builder(module)
                .withMachineFactory(
                        MachineFactoryCompiler.builder(module).withCache(cache).compile())
                .build();
        return instance.export(function).apply(argument)[0];
    }

    private static byte[] jar(byte[] wasm, byte[] bundle) {
        try {
            byte[] prefix = Arrays.copyOf(bundle, BundleIndex.prefixBytes(bundle));
            Attestation attestation = new Attestation(
                    ModuleDigest.of(wasm),
                    wasm.length,
                    ChicoryFormat.lane(ChicoryFormat.DEFAULT_CONFIG),
                    BundleFormat.NAME,
                    new SizedDigest(Digest.of(bundle), bundle.length),
                    Optional.empty(),
                    Optional.of(new SizedDigest(Digest.of(prefix), prefix.length)),
                    Digest.of(new byte[0]),
                    "jdk",
                    "test",
                    Instant.EPOCH,
                    Instant.EPOCH);
            return new ClassJarLoader().load(new VerifiedArtifact(attestation, new Bytes(bundle), Set.of()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void the_engines_cache_hook_gets_the_classes_of_the_artifact() {
        byte[] wasm = Modules.arithmetic();

        assertThat(run(wasm, Artifact.compile(wasm), "factorial", 10)).isEqualTo(3_628_800);
        assertThat(asked).hasValue(1);
    }

    @Test
    void interpreted_functions_run_from_the_module_that_the_host_parsed() {
        byte[] wasm = Modules.tooLarge(new byte[] {});

        assertThat(run(wasm, Artifact.compile(wasm), "caller", 2)).isEqualTo((2 + 20_000 * 12_345) / 2 + 1);
    }

    @Test
    void a_damaged_artifact_is_compiled_by_the_engine() {
        byte[] wasm = Modules.arithmetic();
        byte[] damaged = Artifact.compile(wasm);
        damaged[damaged.length - 1] ^= 1;

        assertThat(run(wasm, damaged, "factorial", 10)).isEqualTo(3_628_800);
    }

    @Test
    void a_digest_of_another_algorithm_is_a_miss() {
        PrecastCache cache = new PrecastCache(digest -> new byte[1]);

        assertThat(cache.get("sha-512:AAAA")).isNull();
        assertThat(cache.get("sha-256:AAAA")).isNull();
    }

    private static final class Bytes implements Payload {
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) {
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }

        @Override
        public boolean refetch() {
            return false;
        }
    }
}
