package dev.precast.test;

import dev.precast.artifact.Digest;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.ModuleInstance;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiCommand;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A module that Wasmtime compiled in this process, as a host without Precast does. */
final class CompiledHere implements WasmtimeTranscript.Code, AutoCloseable {
    private final Engine engine;
    private final CompiledCode code;

    private CompiledHere(Engine engine, CompiledCode code) {
        this.engine = engine;
        this.code = code;
    }

    /** @throws WasmtimeException if Wasmtime refuses the module */
    static CompiledHere of(byte[] wasm, WasmtimeLibrary library, Profile profile) throws WasmtimeException {
        Engine engine = Engine.create(library, profile.config(library), profile.target());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(wasm.length).copyFrom(MemorySegment.ofArray(wasm));
            return new CompiledHere(engine, engine.compile(bytes, WasmKind.of(wasm)));
        } catch (WasmtimeException e) {
            engine.close();
            throw e;
        }
    }

    /** The digest of the serialized module; workers serialize in a child. */
    Digest digest(Path folder) throws IOException, WasmtimeException {
        Path file = folder.resolve("here.cwasm");
        try {
            code.serialize(file);
            return Digest.of(Files.readAllBytes(file));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    WasmKind kind() {
        return code.kind();
    }

    @Override
    public int run(WasiSettings settings) throws WasmtimeException {
        return WasiCommand.run(code, settings);
    }

    @Override
    public ModuleInstance instantiate(WasiSettings settings) throws WasmtimeException {
        return ModuleInstance.standalone(code, settings);
    }

    @Override
    public void close() {
        code.close();
        engine.close();
    }
}
