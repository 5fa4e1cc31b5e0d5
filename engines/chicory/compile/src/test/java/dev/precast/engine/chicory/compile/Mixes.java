package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.precast.bundle.BundleEntry;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Artifacts of small modules with each mix of compiled and interpreted functions. */
final class Mixes {
    private Mixes() {}

    /**
     * Compares the results of a module's exports for each set of its functions interpreted. The advisories may interpret
     * more functions.
     */
    static void assertSameInAll(byte[] wasm, List<Long> expected) throws Exception {
        for (Set<Integer> interpreted : all(wasm)) {
            assertThat(results(Artifact.interpreting(wasm, interpreted)))
                    .as("interpreted: %s", interpreted)
                    .isEqualTo(expected);
        }
    }

    /** All subsets of a module's functions. */
    static List<Set<Integer>> all(byte[] wasm) {
        List<Integer> functions = new ModuleFeatures(Parser.parse(wasm)).functions();
        List<Set<Integer>> all = new ArrayList<>();
        for (int mask = 0; mask < 1 << functions.size(); mask++) {
            Set<Integer> interpreted = new TreeSet<>();
            for (int i = 0; i < functions.size(); i++) {
                if ((mask >> i & 1) != 0) {
                    interpreted.add(functions.get(i));
                }
            }
            all.add(interpreted);
        }
        return all;
    }

    /** The result of each exported function, or the message of its exception. */
    static List<Object> results(Artifact artifact) throws Exception {
        Instance instance = instance(artifact);
        List<Object> results = new ArrayList<>();
        for (Export export : exports(instance.module(), ExternalType.FUNCTION)) {
            try {
                results.add(instance.export(export.name()).apply()[0]);
            } catch (RuntimeException e) {
                results.add(String.valueOf(e.getMessage()));
            }
        }
        return results;
    }

    /** The exports of a type. */
    static List<Export> exports(WasmModule module, ExternalType type) {
        List<Export> exports = new ArrayList<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.exportType() == type) {
                exports.add(export);
            }
        }
        return exports;
    }

    /** An instance of a module, as a host loads it. */
    static Instance instance(Artifact artifact) throws Exception {
        return instance(artifact.load(new ChicoryLoader()));
    }

    /** An instance without imports. */
    static Instance instance(CompiledModule module) {
        return Instance.builder(module.wasmModule())
                .withMachineFactory(module.machineFactory())
                .build();
    }

    /** The names of a bundle's entries. */
    static List<String> names(byte[] wasm, Set<Integer> interpreted) throws Exception {
        return Artifact.interpreting(wasm, interpreted).index().entries().values().stream()
                .map(BundleEntry::name)
                .toList();
    }

    /** The names of the entries of interpreted functions. */
    static List<String> bodies(byte[] wasm, Set<Integer> interpreted) throws Exception {
        return names(wasm, interpreted).stream()
                .filter(name -> name.startsWith(ChicoryFormat.BODY_PREFIX))
                .toList();
    }
}
