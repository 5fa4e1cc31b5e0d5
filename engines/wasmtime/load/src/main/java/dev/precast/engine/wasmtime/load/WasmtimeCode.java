package dev.precast.engine.wasmtime.load;

import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.IncompatibleException;
import dev.precast.engine.wasmtime.capi.ModuleInstance;
import dev.precast.engine.wasmtime.capi.WasiCommand;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.module.WasmKind;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.Consumer;

/**
 * A module or component that Wasmtime has opened or compiled. It is freed when this object is no longer reachable. Code
 * from a file uses the file's pages, which all processes that opened the file share. Thread safe.
 */
public final class WasmtimeCode {
    private static final Cleaner CLEANER = Cleaner.create();

    private final CompiledCode code;
    private final Consumer<String> incompatible;

    /** @param incompatible receives the reason if this host cannot instantiate the code */
    WasmtimeCode(CompiledCode code, Consumer<String> incompatible) {
        this.code = code;
        this.incompatible = incompatible;
        CLEANER.register(this, code::close);
    }

    /** Module or component. */
    public WasmKind kind() {
        return code.kind();
    }

    /**
     * Runs this code as a WASI command: {@code _start} of a module (preview 1), {@code wasi:cli/run} of a component
     * (0.2).
     *
     * @return its exit status
     * @throws IncompatibleException if this host cannot instantiate the code, because memory or an import is missing.
     *     The artifact is valid and stays in the cache; the host's listener gets an event
     * @throws WasmtimeException if the code traps or is not a command
     */
    public int run(WasiSettings settings) throws WasmtimeException {
        try {
            return WasiCommand.run(code, settings);
        } catch (IncompatibleException e) {
            incompatible.accept(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Instantiates a core module that is not a command, to call its exports. Imported functions other than WASI's
     * return zeros.
     *
     * @return the instance, which the caller closes
     * @throws IncompatibleException if this host cannot instantiate the module; see {@link #run}
     * @throws WasmtimeException if the module traps at its start
     * @throws IllegalArgumentException if this code is a component
     */
    public ModuleInstance instantiate(WasiSettings settings) throws WasmtimeException {
        try {
            return ModuleInstance.standalone(code, settings);
        } catch (IncompatibleException e) {
            incompatible.accept(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
