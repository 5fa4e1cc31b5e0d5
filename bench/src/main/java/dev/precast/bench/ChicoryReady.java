package dev.precast.bench;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A module that Chicory can instantiate.
 *
 * @param module the module for Chicory
 * @param machine creates the machine; {@code null} for the interpreter
 */
record ChicoryReady(WasmModule module, @Nullable Function<Instance, Machine> machine) implements Ready {
    @Override
    public Called call(List<String> arguments) {
        return FirstCall.make(this, arguments);
    }
}
