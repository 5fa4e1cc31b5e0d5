package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.precast.bundle.BundleEntry;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
    private static final long[][] ARGUMENTS = {{0, 0}, {1, 0}, {1, 2}, {7, 3}, {16, 1}, {65_536, 5}, {0x80000000L, -1}};

    static Iterable<Map.Entry<String, byte[]>> modules() {
        return Modules.all().entrySet();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void a_module_does_the_same_interpreted_compiled_in_process_and_from_its_bundle(Map.Entry<String, byte[]> module)
            throws Exception {
        byte[] wasm = module.getValue();
        CompiledModule loaded = Artifact.of(wasm).load(new ChicoryLoader());
        WasmModule parsed = Parser.parse(wasm);

        Function<Instance, Machine> inProcess = MachineFactoryCompiler.builder(parsed)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .compile();
        assertThat(behaviour(loaded.wasmModule(), loaded.machineFactory(), true))
                .isEqualTo(behaviour(parsed, inProcess, true));
        // The interpreter extends an i32 without its sign and has other trap messages.
        assertThat(behaviour(loaded.wasmModule(), loaded.machineFactory(), false))
                .isEqualTo(behaviour(parsed, InterpreterMachine::new, false));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void compiling_twice_gives_the_same_bytes(Map.Entry<String, byte[]> module) {
        assertThat(Artifact.compile(module.getValue())).isEqualTo(Artifact.compile(module.getValue()));
    }

    @Test
    void functions_too_large_are_found_before_the_whole_is_compiled() {
        assertThat(TooLargeFunctions.find(Parser.parse(Modules.tooLarge(new byte[] {})), 50, Set.of()))
                .containsExactly(1);
        assertThat(TooLargeFunctions.find(Parser.parse(Modules.many(100)), 50, Set.of()))
                .isEmpty();
    }

    @Test
    void the_engine_sees_the_digest_of_the_module_itself() throws Exception {
        byte[] wasm = Modules.arithmetic();

        assertThat(Artifact.of(wasm).load(new ChicoryLoader()).wasmModule().digest())
                .isEqualTo(Parser.parse(wasm).digest());
    }

    @Test
    void a_function_too_large_for_a_jvm_method_is_kept_apart() throws Exception {
        assertThat(names(Modules.tooLarge(new byte[] {})))
                .contains(ChicoryFormat.SKELETON, "body/1")
                .doesNotContain("body/0", ChicoryFormat.WHOLE_MODULE);
    }

    @Test
    void a_module_whose_interpreted_functions_reach_other_bodies_is_stored_whole() throws Exception {
        assertThat(names(Modules.all().get("a function too large that tail-calls")))
                .contains(ChicoryFormat.WHOLE_MODULE)
                .contains("body/1")
                .doesNotContain(ChicoryFormat.SKELETON);
    }

    @Test
    void the_helper_class_is_in_no_bundle() throws Exception {
        assertThat(names(Modules.arithmetic()))
                .contains("class/precast/Module", "class/precast/ModuleFuncGroup_0")
                .doesNotContain("class/" + ChicoryFormat.HELPER_CLASS);
    }

    @Test
    void custom_sections_stay_but_for_names_and_debug_information() throws Exception {
        WasmModule loaded =
                Artifact.of(Modules.customSections()).load(new ChicoryLoader()).wasmModule();

        assertThat(loaded.customSections()).extracting(s -> s.name()).containsExactlyInAnyOrder("producers", "mine");
    }

    @Test
    void a_factory_refuses_the_instance_of_another_module() throws Exception {
        CompiledModule one = Artifact.of(Modules.arithmetic()).load(new ChicoryLoader());
        CompiledModule other = Artifact.of(Modules.arithmetic()).load(new ChicoryLoader());

        assertThatThrownBy(() -> Instance.builder(one.wasmModule())
                        .withMachineFactory(other.machineFactory())
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another module");
    }

    private static List<String> names(byte[] wasm) throws Exception {
        return Artifact.of(wasm).index().entries().values().stream()
                .map(BundleEntry::name)
                .toList();
    }

    /** The results of each export for each pair of arguments, in one instance. */
    private static List<String> behaviour(WasmModule module, Function<Instance, Machine> machine, boolean exact) {
        ImportValues imports = ImportValues.builder()
                .addFunction(new HostFunction(
                        "env", "twice", FunctionType.of(List.of(ValType.I32), List.of(ValType.I32)), (i, a) ->
                                new long[] {2 * a[0]}))
                .addFunction(new HostFunction(
                        "env", "log", FunctionType.of(List.of(ValType.I32), List.of()), (i, a) -> null))
                .build();
        Instance instance = Instance.builder(module)
                .withImportValues(imports)
                .withMachineFactory(machine)
                .build();
        List<String> seen = new ArrayList<>();
        int exports = Math.min(module.exportSection().exportCount(), 200);
        for (int e = 0; e < exports; e++) {
            Export export = module.exportSection().getExport(e);
            if (export.exportType() == ExternalType.FUNCTION) {
                for (long[] arguments : ARGUMENTS) {
                    seen.add(export.name() + Arrays.toString(arguments) + " = "
                            + call(instance, export, arguments, exact));
                }
            }
        }
        return seen;
    }

    private static String call(Instance instance, Export export, long[] arguments, boolean exact) {
        int wanted = instance.exportType(export.name()).params().size();
        if (List.of("factorial", "sum", "count", "large", "caller").contains(export.name())) {
            // Counting down from any argument would take long.
            arguments = new long[] {1 + (arguments[0] & 15), 0};
        }
        try {
            long[] results = instance.export(export.name()).apply(Arrays.copyOf(arguments, wanted));
            return results == null || exact
                    ? Arrays.toString(results)
                    : Arrays.toString(Arrays.stream(results).map(r -> (int) r).toArray());
        } catch (RuntimeException e) {
            return exact ? e.getClass().getSimpleName() + ": " + e.getMessage() : "trap";
        }
    }
}
