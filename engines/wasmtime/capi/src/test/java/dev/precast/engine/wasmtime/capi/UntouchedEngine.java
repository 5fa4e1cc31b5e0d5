package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.MemorySegment;

/** Makes engines from Wasmtime's own defaults and the settings that a test makes. */
final class UntouchedEngine {
    private UntouchedEngine() {}

    interface Setting {
        void set(MemorySegment config) throws Exception;
    }

    static Engine of(WasmtimeLibrary library, Setting setting) throws Exception {
        try {
            MemorySegment config = (MemorySegment) library.functions().configNew.invokeExact();
            setting.set(config);
            return Engine.of(library, EngineConfig.standard(library), config);
        } catch (Exception e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
