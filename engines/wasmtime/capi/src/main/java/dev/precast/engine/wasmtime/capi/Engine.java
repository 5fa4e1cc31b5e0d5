package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.precast.artifact.Target;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A Wasmtime engine: one configuration, and what compiles and loads by it. Thread safe but for {@link #close}, after
 * which it is used no more; code that came from it goes on.
 */
public final class Engine implements AutoCloseable {
    private final WasmtimeLibrary library;
    private final EngineConfig config;
    private final MemorySegment pointer;

    private Engine(WasmtimeLibrary library, EngineConfig config, MemorySegment pointer) {
        this.library = library;
        this.config = config;
        this.pointer = pointer;
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
            library.functions().check((MemorySegment) library.function(
                            "wasmtime_config_cache_config_load", Functions.returning(ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(nativeConfig, arena.allocateFrom(cache.toString())));
        } catch (WasmtimeException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("wasmtime_config_cache_config_load", e);
        }
        return of(library, config, nativeConfig);
    }

    private static MemorySegment configure(WasmtimeLibrary library, EngineConfig config, Target target)
            throws WasmtimeException {
        try {
            MemorySegment nativeConfig =
                    (MemorySegment) library.functions().configNew.invokeExact();
            config.apply(library, nativeConfig, target);
            return nativeConfig;
        } catch (WasmtimeException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("wasm_config_new", e);
        }
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
     */
    public CompiledCode compile(MemorySegment wasm, WasmKind kind) throws WasmtimeException {
        Functions functions = library.functions();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            functions.check(
                    (MemorySegment) functions.of(kind).create().invokeExact(pointer, wasm, wasm.byteSize(), out));
            return new CompiledCode(this, kind, out.get(ADDRESS, 0));
        } catch (WasmtimeException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("compiler", e);
        }
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
     */
    public CompiledCode deserialize(Path file, WasmKind kind) throws WasmtimeException {
        Functions functions = library.functions();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            MemorySegment path = arena.allocateFrom(file.toAbsolutePath().toString());
            functions.check((MemorySegment) functions.of(kind).deserializeFile().invokeExact(pointer, path, out));
            return new CompiledCode(this, kind, out.get(ADDRESS, 0));
        } catch (WasmtimeException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("deserialize_file", e);
        }
    }

    /** How it was configured. */
    public EngineConfig config() {
        return config;
    }

    WasmtimeLibrary library() {
        return library;
    }

    MemorySegment pointer() {
        return pointer;
    }

    /** Frees it; code that came from it keeps what it needs. */
    @Override
    public void close() {
        try {
            library.functions().engineDelete.invokeExact(pointer);
        } catch (Throwable e) {
            throw Functions.unexpected("wasm_engine_delete", e);
        }
    }
}
