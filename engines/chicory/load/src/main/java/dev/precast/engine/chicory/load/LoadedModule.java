package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/** A module with the factory of the machines that run it. The factory refuses instances of another module. */
final class LoadedModule implements CompiledModule {
    private final WasmModule wasmModule;
    private final Function<Instance, Machine> machineFactory;

    LoadedModule(WasmModule wasmModule, Function<Instance, Machine> machineFactory) {
        this.wasmModule = wasmModule;
        this.machineFactory = instance -> {
            if (!isSame(instance.module(), wasmModule)) {
                throw new IllegalArgumentException("machine factory: the instance belongs to another module");
            }
            return machineFactory.apply(instance);
        };
    }

    /** Compares identities, because modules that differ only in their code have equal skeletons. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(WasmModule one, WasmModule other) {
        return one == other;
    }

    @Override
    public WasmModule wasmModule() {
        return wasmModule;
    }

    @Override
    public Function<Instance, Machine> machineFactory() {
        return machineFactory;
    }
}
