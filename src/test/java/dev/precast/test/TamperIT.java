package dev.precast.test;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleIndex;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.testing.Scale;
import dev.precast.testkit.corpus.Wat;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A host refuses every artifact in which one bit was flipped. */
@Tag("engines")
final class TamperIT {
    private static final int FLIPS = Scale.of(1_000, 10_000);
    private static final int FUNCTIONS = 120;

    /** Steps of a function that is too large for a JVM method, so that its body is an entry of its own. */
    private static final int STEPS = 5_000;

    private final ChicoryLoader loader = new ChicoryLoader();

    @Test
    void every_flipped_bit_is_refused_before_the_damaged_part_runs() throws Exception {
        LocalService service = LocalService.shared();
        RealArtifact real = RealArtifact.of(module(), service);
        AttestationVerifier verifier = service.verifier();
        List<BundleEntry> entries = List.copyOf(index(real).entries().values());
        int prefix = (int) real.attestation().index().orElseThrow().size();
        assertThat(entries.stream().map(BundleEntry::name))
                .contains("skeleton.wasm", "class/precast/Module", "class/precast/ModuleFuncGroup_2", "body/121");
        assertThat(run(verifier, real, real.envelope(), real.payload()))
                .as("refusal of the unchanged artifact")
                .isNull();

        long seed = Scale.seed(TamperIT.class);
        Random random = new Random(seed);
        Map<Check, Integer> refusals = new EnumMap<>(Check.class);
        for (int i = 0; i < FLIPS; i++) {
            byte[] envelope = real.envelope();
            byte[] payload = real.payload();
            String where;
            switch (random.nextInt(3)) {
                case 0 -> {
                    int bit = random.nextInt(envelope.length * 8);
                    envelope = flipped(envelope, bit);
                    where = "bit " + bit + " of the attestation";
                }
                case 1 -> {
                    int bit = random.nextInt(prefix * 8);
                    payload = flipped(payload, bit);
                    where = "bit " + bit + " of the index";
                }
                default -> {
                    BundleEntry entry = entries.get(random.nextInt(entries.size()));
                    int bit = random.nextInt(entry.length() * 8);
                    payload = flipped(payload, (int) entry.offset() * 8 + bit);
                    where = "bit " + bit + " of " + entry.name();
                }
            }
            RefusedException refused = run(verifier, real, envelope, payload);
            assertThat(refused).as("seed %d, flip %d: %s", seed, i, where).isNotNull();
            assertThat(refused).hasMessageStartingWith(refused.check().label() + ": ");
            refusals.merge(refused.check(), 1, Integer::sum);
        }
        System.out.println("TamperIT: refused " + refusals);
    }

    /** Verifies, loads and calls everything, as a host does, until something is refused; null if nothing was. */
    private @Nullable RefusedException run(
            AttestationVerifier verifier, RealArtifact real, byte[] envelope, byte[] payload) throws Exception {
        TreeSet<Integer> ran = new TreeSet<>();
        try {
            CompiledModule module =
                    loader.load(RealArtifact.handed(verifier.verify(envelope, real.key(), false), payload));
            Instance instance = Instance.builder(module.wasmModule())
                    .withMachineFactory(module.machineFactory())
                    .withImportValues(ImportValues.builder()
                            .addFunction(new HostFunction(
                                    "env", "ran", FunctionType.of(List.of(ValType.I32), List.of()), (caller, args) -> {
                                        ran.add((int) args[0]);
                                        return null;
                                    }))
                            .build())
                    .build();
            for (int function = 0; function <= FUNCTIONS; function++) {
                RefusedException refused = call(instance, function);
                assertThat(ran.contains(function)).isEqualTo(refused == null);
                if (refused != null) {
                    return refused;
                }
            }
            return null;
        } catch (RefusedException e) {
            assertThat(ran).isEmpty();
            return e;
        }
    }

    /** Calls a function; what refused its code, or null if it ran. */
    private static @Nullable RefusedException call(Instance instance, int function) {
        try {
            instance.export("f" + function).apply(64);
            return null;
        } catch (RuntimeException | LinkageError e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof RefusedException refused) {
                    return refused;
                }
            }
            throw new AssertionError("function " + function + " failed, but no check did", e);
        }
    }

    private static BundleIndex index(RealArtifact real) throws Exception {
        int prefix = BundleIndex.prefixBytes(Arrays.copyOf(real.payload(), BundleIndex.HEADER_BYTES));
        return BundleIndex.parse(Arrays.copyOf(real.payload(), prefix), real.payload().length);
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    /** Functions that first say that they run: small ones for several classes, and one that is interpreted. */
    private static byte[] module() {
        return Wat.assemble("""
                (module
                  (import "env" "ran" (func $ran (param i32)))
                  (memory 1)
                %s
                  (func (export "f%d") (param i32) (result i32)
                    (call $ran (i32.const %2$d))
                %s
                    (local.get 0)))
                """.formatted(
                        IntStream.range(0, FUNCTIONS)
                                .mapToObj(
                                        "(func (export \"f%1$d\") (param i32) (result i32) (call $ran (i32.const %1$d)) (local.get 0))"
                                                ::formatted)
                                .collect(joining("\n")),
                        FUNCTIONS,
                        "local.get 0 local.get 0 i32.load i32.const 9 i32.add i32.store\n".repeat(STEPS)));
    }
}
