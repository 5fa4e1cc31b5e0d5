package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.precast.bundle.BundleEntry;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class MixedTest {
    @Test
    void casts_answer_the_same_in_late_bodies() throws Exception {
        assertThat(names(MixedModules.casts(), Set.of(1, 2, 3))).contains("body/1", ChicoryFormat.SKELETON);
        assertSameInAllMixes(MixedModules.casts(), 1, 1, 2);
    }

    @Test
    void casts_answer_the_same_in_modules_stored_whole() throws Exception {
        assertThat(names(MixedModules.castsAndCall(), Set.of(3))).contains(ChicoryFormat.WHOLE_MODULE);
        assertSame(MixedModules.castsAndCall(), Set.of(3), 1, 1, 1, 2);
        assertSame(MixedModules.castsAndCall(), Set.of(1, 2, 3, 4), 1, 1, 1, 2);
    }

    @Test
    void an_exception_reaches_its_handler_through_any_mix_of_functions() throws Exception {
        assertSameInAllMixes(MixedModules.exception(), 7);
        assertSameInAllMixes(MixedModules.exceptionThroughFive(), 70);
    }

    @Test
    void an_exception_reaches_its_handler_in_modules_stored_whole() throws Exception {
        assertThat(names(MixedModules.exceptionThroughReference(), Set.of(0, 2)))
                .contains(ChicoryFormat.WHOLE_MODULE, "body/0", "body/2");
        assertSameInAllMixes(MixedModules.exceptionThroughReference(), 7);
    }

    @Test
    void threads_in_one_instance_do_not_share_the_stacks_of_interpreted_functions() throws Exception {
        CompiledModule loaded =
                Artifact.interpreting(Modules.arithmetic(), Set.of(0, 2)).load(new ChicoryLoader());
        Instance instance = Instance.builder(loaded.wasmModule())
                .withMachineFactory(loaded.machineFactory())
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int n = 100 + t;
            done.add(threads.submit(() -> {
                for (int i = 0; i < 200; i++) {
                    assertThat(instance.export("sum").apply(n)).containsExactly(n * (n + 1L) / 2);
                }
                return null;
            }));
        }
        for (Future<?> one : done) {
            one.get();
        }
        threads.shutdown();
    }

    /** Compares the results of a module's exports for each set of its functions interpreted. */
    private static void assertSameInAllMixes(byte[] wasm, long... expected) throws Exception {
        WasmModule module = Parser.parse(wasm);
        int imported = module.importSection().count(ExternalType.FUNCTION);
        int functions = module.functionSection().functionCount();
        for (int mask = 0; mask < 1 << functions; mask++) {
            Set<Integer> interpreted = new TreeSet<>();
            for (int i = 0; i < functions; i++) {
                if ((mask >> i & 1) != 0) {
                    interpreted.add(imported + i);
                }
            }
            assertSame(wasm, interpreted, expected);
        }
    }

    private static void assertSame(byte[] wasm, Set<Integer> interpreted, long... expected) throws Exception {
        CompiledModule loaded = Artifact.interpreting(wasm, interpreted).load(new ChicoryLoader());
        Instance instance = Instance.builder(loaded.wasmModule())
                .withMachineFactory(loaded.machineFactory())
                .build();
        List<Long> results = new ArrayList<>();
        for (int i = 0; i < loaded.wasmModule().exportSection().exportCount(); i++) {
            results.add(instance.export(
                            loaded.wasmModule().exportSection().getExport(i).name())
                    .apply()[0]);
        }
        assertThat(results)
                .as("interpreted: %s", interpreted)
                .containsExactlyElementsOf(Arrays.stream(expected).boxed().toList());
    }

    private static List<String> names(byte[] wasm, Set<Integer> interpreted) throws Exception {
        return Artifact.interpreting(wasm, interpreted).index().entries().values().stream()
                .map(BundleEntry::name)
                .toList();
    }
}
