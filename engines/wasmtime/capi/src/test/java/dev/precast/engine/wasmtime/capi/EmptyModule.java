package dev.precast.engine.wasmtime.capi;

import dev.precast.artifact.EngineHash;
import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.UUID;

/** Eight bytes of wasm, whose artifact is a lane's probe. */
final class EmptyModule {
    private static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private EmptyModule() {}

    /** The engine hash of an engine, which this method closes. */
    static EngineHash hash(Engine engine, Path folder) throws Exception {
        try (engine;
                Arena arena = Arena.ofConfined()) {
            return CwasmFile.read(compile(engine, folder, Wasm.of(arena, WASM), WasmKind.MODULE))
                    .engineHash();
        }
    }

    static Path compile(Engine engine, Path folder, MemorySegment wasm, WasmKind kind) throws Exception {
        Path out = folder.resolve(UUID.randomUUID() + ".cwasm");
        try (CompiledCode code = engine.compile(wasm, kind)) {
            code.serialize(out);
        }
        return out;
    }
}
