package dev.precast.engine.wasmtime.load;

import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.WasiCommand;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.module.WasmKind;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * A module or component that Wasmtime has open. It is freed when nobody refers to it any more; its pages are those of the
 * file, shared with every process that has it open. Thread safe.
 */
public final class WasmtimeCode {
    private static final Cleaner CLEANER = Cleaner.create();

    private final CompiledCode code;

    WasmtimeCode(CompiledCode code) {
        this.code = code;
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
     * @throws WasmtimeException in Wasmtime's words, if it traps, is no command, or cannot be instantiated: also what
     *     loads may ask for more than this host gives
     */
    public int run(WasiSettings settings) throws WasmtimeException {
        try {
            return WasiCommand.run(code, settings);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
