package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.precast.artifact.Target;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A Wasmtime engine: one configuration, and what compiles and loads by it. Thread safe. After {@link #close} it compiles
 * and loads nothing more; code that came from it keeps it until that is closed too.
 */
public final class Engine implements AutoCloseable {
    private final WasmtimeLibrary library;
    private final EngineConfig config;
    private final Handle handle;

    private Engine(WasmtimeLibrary library, EngineConfig config, MemorySegment pointer) {
        this.library = library;
        this.config = config;
        this.handle = new Handle("Wasmtime's engine", pointer, () -> delete(library, pointer));
    }

    private static void delete(WasmtimeLibrary library, MemorySegment pointer) {
        try {
            library.functions().engineDelete.invokeExact(pointer);
        } catch (Throwable e) {
            throw Functions.unexpected("wasm_engine_delete", e);
        }
    }

    /**
     * Makes an engine. <strong>The C API ends the process</strong> (by {@code abort}) if the options contradict each
     * other, or if the library cannot make code for the target. So in a host only configs that are known to work, such
     * as those of {@link Profile}, and in a child process everything else.
     *
     * @throws WasmtimeException if Wasmtime does not know the target
     * @throws IllegalArgumentException if the library lacks an option of the config, or has one that the config does
     *     not tell; the message names it
     */
    public static Engine create(WasmtimeLibrary library, EngineConfig config, Target target) throws WasmtimeException {
        return of(library, config, configure(library, config, target));
    }

    /**
     * The same with Wasmtime's own cache of what {@link #compile} compiles.
     *
     * @param cache a file that configures it, in Wasmtime's form
     * @throws WasmtimeException if Wasmtime does not know the target, or cannot read the file
     */
    public static Engine caching(WasmtimeLibrary library, EngineConfig config, Target target, Path cache)
            throws WasmtimeException {
        MemorySegment nativeConfig = configure(library, config, target);
        try (Arena arena = Arena.ofConfined()) {
            library.functions()
                    .check(Functions.calling(
                            "wasmtime_config_cache_config_load", () -> (MemorySegment) library.function(
                                            "wasmtime_config_cache_config_load",
                                            Functions.returning(ADDRESS, ADDRESS, ADDRESS))
                                    .invokeExact(nativeConfig, arena.allocateFrom(cache.toString()))));
        }
        return of(library, config, nativeConfig);
    }

    private static MemorySegment configure(WasmtimeLibrary library, EngineConfig config, Target target)
            throws WasmtimeException {
        MemorySegment nativeConfig = Functions.calling("wasm_config_new", () ->
                (MemorySegment) library.functions().configNew.invokeExact());
        config.apply(library, nativeConfig, target);
        return nativeConfig;
    }

    /** @param nativeConfig is taken over */
    static Engine of(WasmtimeLibrary library, EngineConfig config, MemorySegment nativeConfig) {
        try {
            return new Engine(library, config, (MemorySegment)
                    library.functions().engineNew.invokeExact(nativeConfig));
        } catch (Throwable e) {
            throw Functions.unexpected("wasm_engine_new_with_config", e);
        }
    }

    /**
     * Compiles a module or a component. May take gigabytes and minutes, and may end the process.
     *
     * @param wasm the bytes, in native memory
     * @throws WasmtimeException if they are invalid, or use what the config does not allow
     * @throws IllegalStateException if the engine is closed
     */
    public CompiledCode compile(MemorySegment wasm, WasmKind kind) throws WasmtimeException {
        MethodHandle create = library.functions().of(kind).create();
        return code(kind, "compiler", out ->
                (MemorySegment) create.invokeExact(handle.pointer(), wasm, wasm.byteSize(), out));
    }

    /**
     * Opens what was serialized. The file is mapped: pages are read when they are touched, and shared between
     * processes.
     *
     * <p><strong>Whatever is in the file runs with the rights of this process</strong>: Wasmtime checks version and
     * configuration, nothing else. The file must be verified, nobody may write or cut it while the code lives, and it
     * is replaced by renaming only.
     *
     * @throws WasmtimeException if the file is none, or not for an engine of this version and configuration
     * @throws IllegalStateException if the engine is closed
     */
    public CompiledCode deserialize(Path file, WasmKind kind) throws WasmtimeException {
        MethodHandle open = library.functions().of(kind).deserializeFile();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toAbsolutePath().toString());
            return code(kind, "deserialize_file", out -> (MemorySegment) open.invokeExact(handle.pointer(), path, out));
        }
    }

    /** A function that makes code: it writes a pointer to {@code out} and returns an error or null. */
    private interface Maker {
        MemorySegment make(MemorySegment out) throws Throwable;
    }

    private CompiledCode code(WasmKind kind, String function, Maker maker) throws WasmtimeException {
        Handle.Use kept = handle.use();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            library.functions().check(maker.make(out));
            return new CompiledCode(this, kept, kind, out.get(ADDRESS, 0));
        } catch (WasmtimeException | RuntimeException e) {
            kept.close();
            throw e;
        } catch (Throwable e) {
            kept.close();
            throw Functions.unexpected(function, e);
        }
    }

    /** How it was configured. */
    public EngineConfig config() {
        return config;
    }

    WasmtimeLibrary library() {
        return library;
    }

    /** For code that came from this engine and is in use. */
    MemorySegment pointer() {
        return handle.pointer();
    }

    /** Frees it now, or when the last code that came from it is freed. */
    @Override
    public void close() {
        handle.close();
    }
}
