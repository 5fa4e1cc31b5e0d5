package dev.precast.engine.wasmtime.compile;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Target;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.EngineConfig;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles modules for one lane. */
final class ModuleCompiler implements AutoCloseable {
    private final Engine engine;

    /** @throws IllegalArgumentException if the library does not support the config or the target */
    ModuleCompiler(WasmtimeLibrary library, CompileConfig config, Target target) {
        EngineConfig options = EngineConfig.of(config);
        options.requireCompilable(target);
        try {
            engine = Engine.create(library, options, target);
        } catch (WasmtimeException e) {
            throw new IllegalArgumentException("target " + target + ": " + e.getMessage(), e);
        }
    }

    /**
     * Compiles the module in {@code in}, which is mapped into memory.
     *
     * @param out a file that does not exist yet
     */
    void compile(Path in, Path out) throws IOException, RejectedException {
        try (FileChannel file = FileChannel.open(in);
                Arena arena = Arena.ofConfined()) {
            if (Files.size(in) < WasmKind.PREAMBLE_BYTES) {
                throw new RejectedException(
                        RejectedException.NOT_WASM,
                        "not WebAssembly (expected at least " + WasmKind.PREAMBLE_BYTES + " bytes, found "
                                + Files.size(in) + ")");
            }
            MemorySegment wasm = file.map(MapMode.READ_ONLY, 0, file.size(), arena);
            WasmKind kind = WasmKind.of(wasm.asSlice(0, WasmKind.PREAMBLE_BYTES).toArray(ValueLayout.JAVA_BYTE));
            if (kind == WasmKind.OTHER) {
                throw new RejectedException(
                        RejectedException.NOT_WASM, "neither a core module of version 1 nor a component");
            }
            try (CompiledCode code = engine.compile(wasm, kind)) {
                code.serialize(out);
            }
        } catch (WasmtimeException e) {
            throw new RejectedException(RejectedException.INVALID, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
