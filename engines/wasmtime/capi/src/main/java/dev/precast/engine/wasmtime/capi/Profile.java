package dev.precast.engine.wasmtime.capi;

import dev.precast.artifact.Target;
import dev.precast.json.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The profiles of Wasmtime's engine packs. */
public enum Profile {
    /** Wasmtime's defaults, for the CPU of the worker. */
    CRANELIFT,
    /**
     * Compiles about seven times faster; the code is slower. For the CPU of the worker. Does not support tail calls,
     * function references, GC types, {@code externref}, exceptions, relaxed SIMD, wide arithmetic and, from Wasmtime 50
     * on, threads.
     */
    WINCH,
    /** Bytecode that every 64-bit host interprets, so one artifact serves all. Slow; does not support threads. */
    PULLEY,
    /**
     * Machine code for every CPU of the architecture, and for hosts with another garbage collector than the C API's.
     * Does not support GC types, {@code externref} and exceptions.
     */
    PORTABLE;

    /** The profile's name in lanes, in lower case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if no profile has that name */
    public static Profile named(String key) {
        for (Profile profile : values()) {
            if (profile.key().equals(key)) {
                return profile;
            }
        }
        throw new IllegalArgumentException(
                "profile: expected one of " + Arrays.toString(values()).toLowerCase(Locale.ROOT) + ", found " + key);
    }

    /** The config with every option of this version of the library. */
    public EngineConfig config(WasmtimeLibrary library) {
        EngineConfig standard = EngineConfig.standard(library);
        return switch (this) {
            case CRANELIFT -> standard;
            // Cranelift's own defaults, which Wasmtime changes for Cranelift only.
            case WINCH ->
                standard.with(Option.STRATEGY, Json.of("winch"))
                        .with(Option.CRANELIFT_OPT_LEVEL, Json.of("none"))
                        .with(true, Option.CRANELIFT_DEBUG_VERIFIER)
                        .with(Option.WASM_THREADS, Json.of(library.majorVersion() < 50))
                        .with(
                                false,
                                Option.GC_SUPPORT,
                                Option.WASM_GC,
                                Option.WASM_FUNCTION_REFERENCES,
                                Option.WASM_TAIL_CALL,
                                Option.WASM_EXCEPTIONS,
                                Option.WASM_RELAXED_SIMD,
                                Option.WASM_WIDE_ARITHMETIC);
            case PULLEY ->
                standard.with(false, Option.WASM_THREADS, Option.SIGNALS_BASED_TRAPS)
                        .with(Option.MEMORY_GUARD_SIZE, Json.of(0));
            case PORTABLE -> standard.with(false, Option.GC_SUPPORT);
        };
    }

    /** The target for this kind of machine. */
    public Target target() {
        return switch (this) {
            case CRANELIFT, WINCH -> new CpuTarget(CpuTarget.thisMachine(), CpuTarget.NATIVE).toTarget();
            case PULLEY -> new Target("pulley64");
            case PORTABLE -> new Target(CpuTarget.thisMachine());
        };
    }

    /** All targets on this kind of machine. */
    public static List<Target> targets() {
        return List.of(values()).stream().map(Profile::target).distinct().toList();
    }
}
