package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.precast.artifact.Target;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A Wasmtime engine, which compiles and loads code in one configuration. Thread safe. After {@link #close} it cannot
 * compile or load; its memory is freed after all its code is closed.
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
     * other, or if the library cannot make code for the target. In a host, use only configs that are known to work,
     * such as those of {@link Profile}; use other configs in a child process.
     *
     * @throws WasmtimeException if Wasmtime does not know the target
     * @throws IllegalArgumentException if the library lacks an option of the config, or has an option that the config
     *     does not set; the message names the options
     */
    public static Engine create(WasmtimeLibrary library, EngineConfig config, Target target) throws WasmtimeException {
        return of(library, config, configure(library, config, target));
    }

    /**
     * Like {@link #create}, with Wasmtime's own cache for {@link #compile}.
     *
     * @param cache Wasmtime's configuration file for its cache
     * @throws WasmtimeException if Wasmtime does not know the target, or cannot read the configuration file
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

    /** @param nativeConfig owned by the engine after this call */
    static Engine of(WasmtimeLibrary library, EngineConfig config, MemorySegment nativeConfig) {
        try {
            return new Engine(library, config, (MemorySegment)
                    library.functions().engineNew.invokeExact(nativeConfig));
        } catch (Throwable e) {
            throw Functions.unexpected("wasm_engine_new_with_config", e);
        }
    }

    /**
     * Compiles a module or a component. May take minutes and gigabytes of memory, and may abort the process.
     *
     * @param wasm the bytes, in native memory
     * @throws WasmtimeException if the bytes are invalid, or need a feature that the config disables
     * @throws IllegalStateException if the engine is closed
     */
    public CompiledCode compile(MemorySegment wasm, WasmKind kind) throws WasmtimeException {
        MethodHandle create = library.functions().of(kind).create();
        return code(kind, "compiler", out ->
                (MemorySegment) create.invokeExact(handle.pointer(), wasm, wasm.byteSize(), out));
    }

    /**
     * Opens a serialized file. Wasmtime maps it: pages are read at their first use and shared between processes.
     *
     * <p><strong>The file's code runs with the rights of this process</strong>: Wasmtime checks only version and
     * configuration. Verify the file first. Let nobody change or truncate it while the code is in use; replace it only
     * by renaming another file to its path.
     *
     * @throws WasmtimeException if the file is not a serialized file, or is for another version or configuration
     * @throws IllegalStateException if the engine is closed
     */
    public CompiledCode deserialize(Path file, WasmKind kind) throws WasmtimeException {
        MethodHandle open = library.functions().of(kind).deserializeFile();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toAbsolutePath().toString());
            return code(kind, "deserialize_file", out -> (MemorySegment) open.invokeExact(handle.pointer(), path, out));
        }
    }

    /** A native function that creates code. Writes a pointer to {@code out} and returns an error or null. */
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

    /** The configuration. */
    public EngineConfig config() {
        return config;
    }

    WasmtimeLibrary library() {
        return library;
    }

    /** The native engine. Use the pointer only while a {@link CompiledCode#use use} of this engine's code is open. */
    MemorySegment pointer() {
        return handle.pointer();
    }

    /** Frees the engine now, or when its last code is freed. */
    @Override
    public void close() {
        handle.close();
    }
}
