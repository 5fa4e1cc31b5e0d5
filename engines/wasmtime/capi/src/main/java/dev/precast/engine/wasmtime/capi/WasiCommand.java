package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Runs WASI commands: {@code _start} of a module (preview 1), {@code wasi:cli/run} of a component (0.2). */
public final class WasiCommand {
    private static final String START = "_start";
    /** With this name, Wasmtime also finds the interface in every other 0.2.x version. */
    private static final String RUN_INTERFACE = "wasi:cli/run@0.2.0";

    private static final String RUN = "run";
    /** Upper bound for the size of instance and function handles in all versions. */
    private static final long HANDLE_BYTES = 64;
    /** Upper bound for the size of {@code wasmtime_component_val_t}: a kind, then the value. */
    private static final long VALUE_BYTES = 64;

    private static final byte KIND_RESULT = 19;
    private static final long VALUE_AT = 8;

    private final WasmtimeLibrary library;
    private final Functions functions;
    private final CompiledCode code;

    private WasiCommand(CompiledCode code) {
        this.library = code.engine().library();
        this.functions = library.functions();
        this.code = code;
    }

    /**
     * Runs a program to its end.
     *
     * @return its exit status
     * @throws IncompatibleException if this host cannot instantiate the program
     * @throws WasmtimeException if the program traps or is not a command, or a setting cannot be applied
     * @throws IllegalStateException if the code is already closed. A close during the run returns at once; the code is
     *     then freed after the run
     */
    public static int run(CompiledCode code, WasiSettings settings) throws WasmtimeException {
        try (Handle.Use used = code.use()) {
            return new WasiCommand(code).run(settings);
        }
    }

    private int run(WasiSettings settings) throws WasmtimeException {
        try {
            return code.kind() == WasmKind.COMPONENT ? runComponent(settings) : runModule(settings);
        } catch (WasmtimeException e) {
            if (e.exitStatus().isPresent()) {
                return e.exitStatus().getAsInt();
            }
            throw e;
        }
    }

    private int runModule(WasiSettings settings) throws WasmtimeException {
        try (ModuleInstance instance = ModuleInstance.ofCommand(code, settings)) {
            if (instance.type(START).isEmpty()) {
                throw new WasmtimeException("module: not a command: no exported function " + START);
            }
            instance.call(START);
            return 0;
        }
    }

    private int runComponent(WasiSettings settings) throws WasmtimeException {
        try (Arena arena = Arena.ofConfined();
                Store store = new Store(code.engine(), settings)) {
            return Functions.calling("component functions", () -> runComponent(arena, store.context()));
        }
    }

    private int runComponent(Arena arena, MemorySegment context) throws Throwable {
        MemorySegment linker =
                (MemorySegment) library.function("wasmtime_component_linker_new", returning(ADDRESS, ADDRESS))
                        .invokeExact(code.engine().pointer());
        try {
            functions.check((MemorySegment)
                    library.function("wasmtime_component_linker_add_wasip2", returning(ADDRESS, ADDRESS))
                            .invokeExact(linker));
            MemorySegment instance = arena.allocate(HANDLE_BYTES, Long.BYTES);
            functions.checkInstance((MemorySegment) library.function(
                            "wasmtime_component_linker_instantiate",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(linker, context, code.pointer(), instance));
            MemorySegment run = function(arena, context, instance);
            MemorySegment result = arena.allocate(VALUE_BYTES, Long.BYTES);
            functions.check((MemorySegment) library.function(
                            "wasmtime_component_func_call",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG))
                    .invokeExact(run, context, MemorySegment.NULL, 0L, result, 1L));
            boolean ok = result.get(JAVA_BYTE, 0) == KIND_RESULT && result.get(JAVA_BOOLEAN, VALUE_AT);
            library.function("wasmtime_component_val_delete", nothing(ADDRESS)).invokeExact(result);
            return ok ? 0 : 1;
        } finally {
            library.function("wasmtime_component_linker_delete", nothing(ADDRESS))
                    .invokeExact(linker);
        }
    }

    private MemorySegment function(Arena arena, MemorySegment context, MemorySegment instance) throws Throwable {
        MemorySegment cli = index(arena, MemorySegment.NULL, RUN_INTERFACE);
        try {
            MemorySegment run = index(arena, cli, RUN);
            try {
                MemorySegment function = arena.allocate(HANDLE_BYTES, Long.BYTES);
                boolean found = (boolean) library.function(
                                "wasmtime_component_instance_get_func",
                                returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(instance, context, run, function);
                if (!found) {
                    throw new WasmtimeException("component: not a command: " + RUN + " is not a function");
                }
                return function;
            } finally {
                deleteIndex(run);
            }
        } finally {
            deleteIndex(cli);
        }
    }

    private MemorySegment index(Arena arena, MemorySegment within, String export) throws Throwable {
        MemorySegment name = Functions.text(arena, export);
        MemorySegment index = (MemorySegment) library.function(
                        "wasmtime_component_get_export_index", returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG))
                .invokeExact(code.pointer(), within, name, name.byteSize());
        if (index.address() == 0) {
            throw new WasmtimeException("component: not a command: no export " + export);
        }
        return index;
    }

    private void deleteIndex(MemorySegment index) throws Throwable {
        library.function("wasmtime_component_export_index_delete", nothing(ADDRESS))
                .invokeExact(index);
    }
}
