package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The instances of one run of a file of the test suite, and what their modules can import. */
final class SuiteInstances {
    private static final String HOST = "spectest";
    private static final Map<String, List<ValType>> PRINTS = Map.of(
            "print", List.of(),
            "print_i32", List.of(ValType.I32),
            "print_i64", List.of(ValType.I64),
            "print_f32", List.of(ValType.F32),
            "print_f64", List.of(ValType.F64),
            "print_i32_f32", List.of(ValType.I32, ValType.F32),
            "print_f64_f64", List.of(ValType.F64, ValType.F64));

    private final Store store = new Store();
    private final Map<String, Instance> named = new HashMap<>();
    private @Nullable Instance current;

    /** The imports that the specification says every host of the suite has. */
    @SuppressWarnings("deprecation") // Endive deprecates this constructor of globals; Chicory has no other
    SuiteInstances() {
        PRINTS.forEach((name, params) -> store.addFunction(
                new HostFunction(HOST, name, FunctionType.of(params, List.of()), (instance, args) -> null)));
        store.addGlobal(
                new ImportGlobal(HOST, "global_i32", new GlobalInstance(Value.i32(666))),
                new ImportGlobal(HOST, "global_i64", new GlobalInstance(Value.i64(666))),
                new ImportGlobal(HOST, "global_f32", new GlobalInstance(Value.fromFloat(666.6f))),
                new ImportGlobal(HOST, "global_f64", new GlobalInstance(Value.fromDouble(666.6))));
        store.addMemory(
                new ImportMemory(HOST, "memory", new ByteArrayMemory(new MemoryLimits(1, 2))),
                new ImportMemory(HOST, "shared_memory", new ByteArrayMemory(new MemoryLimits(1, 2, true))));
        store.addTable(new ImportTable(
                HOST,
                "table",
                new TableInstance(new Table(ValType.FuncRef, new TableLimits(10, 20)), Value.REF_NULL_VALUE)));
    }

    /** Makes an instance, which becomes the current one; if that fails, no instance is current. */
    void add(Optional<String> name, CompiledModule module) {
        current = null;
        Instance instance = make(module);
        current = instance;
        name.ifPresent(n -> named.put(n, instance));
    }

    /** Makes an instance without a name. */
    Instance make(CompiledModule module) {
        return Instance.builder(module.wasmModule())
                .withImportValues(store.toImportValues())
                .withMachineFactory(module.machineFactory())
                .build();
    }

    /** The named instance, or the current one; null if there is none. */
    @Nullable
    Instance find(Optional<String> name) {
        return name.isPresent() ? named.get(name.get()) : current;
    }

    void register(String as, Instance instance) {
        store.register(as, instance);
    }
}
