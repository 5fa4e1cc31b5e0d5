package dev.precast.engine.wasmtime.capi;

import dev.precast.artifact.Target;
import dev.precast.json.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The profiles of Wasmtime's engine packs. */
public enum Profile {
    /** Wasmtime's defaults: Cranelift's machine code for the CPU of the worker. */
    CRANELIFT,
    /**
     * Wasmtime's baseline compiler, about seven times faster than {@link #CRANELIFT}; its code is slower. Machine code
     * for the CPU of the worker. Does not support tail calls, function references, GC types, {@code externref},
     * exceptions, relaxed SIMD, wide arithmetic and, from Wasmtime 50 on, threads.
     */
    WINCH,
    /**
     * Bytecode that every 64-bit host can interpret, so one artifact serves all of them. Runs slowly; does not support
     * threads.
     */
    PULLEY,
    /**
     * Cranelift's machine code for every CPU of the architecture. Also loads in hosts whose Wasmtime has another
     * garbage collector than the C API's. Does not support GC types, {@code externref} and exceptions.
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

    /** The config of this profile, with every option that the library has. */
    public EngineConfig config(WasmtimeLibrary library) {
        EngineConfig standard = EngineConfig.standard(library);
        return switch (this) {
            case CRANELIFT -> standard;
            // With Winch, Wasmtime leaves the optimization level and the verifier at Cranelift's own defaults.
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
            case PORTABLE -> standard.with(false, Option.GC_SUPPORT, Option.WASM_GC, Option.WASM_EXCEPTIONS);
        };
    }

    /** The target of this profile on this kind of machine. */
    public Target target() {
        return switch (this) {
            case CRANELIFT, WINCH -> new CpuTarget(CpuTarget.thisMachine(), CpuTarget.NATIVE).toTarget();
            case PULLEY -> new Target("pulley64");
            case PORTABLE -> new Target(CpuTarget.thisMachine());
        };
    }

    /** The targets of all profiles on this kind of machine. */
    public static List<Target> targets() {
        return List.of(values()).stream().map(Profile::target).distinct().toList();
    }
}
