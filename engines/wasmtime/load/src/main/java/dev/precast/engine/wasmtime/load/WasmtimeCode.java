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
 * A module or component that Wasmtime has open. It is freed when nobody refers to it any more; its pages are those of the
 * file, shared with every process that has it open. Thread safe.
 */
public final class WasmtimeCode {
    private static final Cleaner CLEANER = Cleaner.create();

    private final CompiledCode code;
    private final Consumer<String> incompatible;

    /** @param incompatible told why, if it cannot be instantiated here */
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
     * Runs it as a WASI command: {@code _start} of a module (preview 1), {@code wasi:cli/run} of a component (0.2).
     *
     * @return its exit status
     * @throws IncompatibleException if it cannot be instantiated: what loads may ask for an import or for memory that
     *     this host does not give. The host's listener hears of it; the artifact is good, and stays
     * @throws WasmtimeException in Wasmtime's words, if it traps or is no command
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
     * Makes an instance of a core module that is no command, to call what it exports: imports beside WASI's answer with
     * zeros.
     *
     * @return to be closed when done
     * @throws IncompatibleException if it cannot be instantiated; see {@link #run}
     * @throws WasmtimeException in Wasmtime's words, if it traps at its start
     * @throws IllegalArgumentException if it is a component
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
