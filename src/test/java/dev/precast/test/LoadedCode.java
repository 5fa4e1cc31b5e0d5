package dev.precast.test;

import dev.precast.engine.wasmtime.capi.ModuleInstance;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.load.WasmtimeCode;

/** Wasmtime's code that a host loaded. */
record LoadedCode(WasmtimeCode code) implements WasmtimeTranscript.Code {
    @Override
    public int run(WasiSettings settings) throws WasmtimeException {
        return code.run(settings);
    }

    @Override
    public ModuleInstance instantiate(WasiSettings settings) throws WasmtimeException {
        return code.instantiate(settings);
    }
}
