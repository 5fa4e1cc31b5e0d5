package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/** A module and what runs it; instances of another module are refused. */
final class LoadedModule implements CompiledModule {
    private final WasmModule wasmModule;
    private final Function<Instance, Machine> machineFactory;

    LoadedModule(WasmModule wasmModule, Function<Instance, Machine> machineFactory) {
        this.wasmModule = wasmModule;
        this.machineFactory = instance -> {
            if (!isSame(instance.module(), wasmModule)) {
                throw new IllegalArgumentException("the instance is of another module than the machine factory");
            }
            return machineFactory.apply(instance);
        };
    }

    /** Skeletons of modules that differ in their code alone are equal, so identity it must be. */
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
