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
 * A module or component that Wasmtime has opened. It is freed when it is no longer reachable. Its pages are the file's
 * pages, shared with all processes that opened it. Thread safe.
 */
public final class WasmtimeCode {
    private static final Cleaner CLEANER = Cleaner.create();

    private final CompiledCode code;
    private final Consumer<String> incompatible;

    /** @param incompatible receives the reason if this host cannot instantiate it */
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
     * @throws IncompatibleException if this host cannot instantiate it, for lack of memory or of an import. The
     *     artifact is valid and stays in the cache; the host's listener gets an event
     * @throws WasmtimeException if it traps or is not a command; the message is Wasmtime's
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
     * @throws IncompatibleException if this host cannot instantiate it; see {@link #run}
     * @throws WasmtimeException if it traps at its start; the message is Wasmtime's
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
