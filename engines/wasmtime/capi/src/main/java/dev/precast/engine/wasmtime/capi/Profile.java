package dev.precast.engine.wasmtime.capi;

import dev.precast.artifact.Target;
import dev.precast.json.Json;
import java.util.List;
import java.util.Locale;

/** The configurations that the engine packs of Wasmtime offer, and what each cannot run. */
public enum Profile {
    /** As Wasmtime is by default, for the CPU of the worker. Runs everything that Wasmtime runs by default. */
    CRANELIFT,
    /**
     * Compiles about seven times faster to slower code, for the CPU of the worker. No tail calls, function references,
     * GC types, {@code externref}, exceptions, relaxed SIMD or wide arithmetic, and from Wasmtime 50 on no threads.
     */
    WINCH,
    /** Bytecode that any 64-bit host interprets: one artifact for all. Slow; no threads. */
    PULLEY,
    /**
     * Machine code for any CPU of the architecture, and for hosts with another garbage collector than the C API's. No
     * GC types, no {@code externref}, no exceptions.
     */
    PORTABLE;

    /** Lower case, as lanes name it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Every option, for one version of the library. */
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

    /** What it is offered for by a library of this kind of machine. */
    public Target target() {
        return switch (this) {
            case CRANELIFT, WINCH -> new CpuTarget(CpuTarget.thisMachine(), CpuTarget.NATIVE).toTarget();
            case PULLEY -> new Target("pulley64");
            case PORTABLE -> new Target(CpuTarget.thisMachine());
        };
    }

    /** What it is offered for. */
    public static List<Target> targets() {
        return List.of(values()).stream().map(Profile::target).distinct().toList();
    }
}
