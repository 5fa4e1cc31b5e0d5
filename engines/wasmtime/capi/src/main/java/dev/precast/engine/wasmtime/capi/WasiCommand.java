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
import java.nio.charset.StandardCharsets;

/** Runs WASI commands: {@code _start} of a module (preview 1), {@code wasi:cli/run} of a component (0.2). */
public final class WasiCommand {
    private static final String START = "_start";
    /** Wasmtime finds any 0.2 by it. */
    private static final String RUN_INTERFACE = "wasi:cli/run@0.2.0";

    private static final String RUN = "run";
    /** Fuel and epochs that no program uses up, where the config asks for them. */
    private static final long ENDLESS = Long.MAX_VALUE;

    /** More than any version wants for its handles of instances and functions. */
    private static final long HANDLE_BYTES = 64;
    /** {@code wasmtime_component_val_t}: a kind, then the value. */
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
     * @throws IncompatibleException if it cannot be instantiated here
     * @throws WasmtimeException if it traps, is no command, or wants what it is not given
     * @throws IllegalStateException if the code is closed; who closes it while this runs waits for nothing, it is freed
     *     at the end
     */
    public static int run(CompiledCode code, WasiSettings settings) throws WasmtimeException {
        try (Handle.Use used = code.use()) {
            return new WasiCommand(code).run(settings);
        }
    }

    private int run(WasiSettings settings) throws WasmtimeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment store = (MemorySegment)
                    library.function("wasmtime_store_new", returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                            .invokeExact(code.engine().pointer(), MemorySegment.NULL, MemorySegment.NULL);
            try {
                MemorySegment context =
                        (MemorySegment) library.function("wasmtime_store_context", returning(ADDRESS, ADDRESS))
                                .invokeExact(store);
                prepare(context, settings);
                return code.kind() == WasmKind.COMPONENT ? runComponent(arena, context) : runModule(arena, context);
            } finally {
                library.function("wasmtime_store_delete", nothing(ADDRESS)).invokeExact(store);
            }
        } catch (WasmtimeException e) {
            if (e.exitStatus().isPresent()) {
                return e.exitStatus().getAsInt();
            }
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("run functions", e);
        }
    }

    private void prepare(MemorySegment context, WasiSettings settings) throws Throwable {
        if (code.engine().config().isOn(Option.CONSUME_FUEL)) {
            check((MemorySegment) library.function("wasmtime_context_set_fuel", returning(ADDRESS, ADDRESS, JAVA_LONG))
                    .invokeExact(context, ENDLESS));
        }
        if (code.engine().config().isOn(Option.EPOCH_INTERRUPTION)) {
            library.function("wasmtime_context_set_epoch_deadline", nothing(ADDRESS, JAVA_LONG))
                    .invokeExact(context, ENDLESS);
        }
        MemorySegment wasi = new WasiFunctions(library).config(settings);
        check((MemorySegment) library.function("wasmtime_context_set_wasi", returning(ADDRESS, ADDRESS, ADDRESS))
                .invokeExact(context, wasi));
    }

    private int runModule(Arena arena, MemorySegment context) throws Throwable {
        MemorySegment linker = (MemorySegment) library.function("wasmtime_linker_new", returning(ADDRESS, ADDRESS))
                .invokeExact(code.engine().pointer());
        try {
            check((MemorySegment) library.function("wasmtime_linker_define_wasi", returning(ADDRESS, ADDRESS))
                    .invokeExact(linker));
            MemorySegment instance = arena.allocate(HANDLE_BYTES, Long.BYTES);
            MemorySegment trap = arena.allocate(ADDRESS);
            functions.checkInstance((MemorySegment) library.function(
                            "wasmtime_linker_instantiate",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(linker, context, code.pointer(), instance, trap));
            functions.checkTrap(trap.get(ADDRESS, 0));
            MemorySegment start = export(arena, context, instance);
            check((MemorySegment) library.function(
                            "wasmtime_func_call",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS))
                    .invokeExact(context, start, MemorySegment.NULL, 0L, MemorySegment.NULL, 0L, trap));
            functions.checkTrap(trap.get(ADDRESS, 0));
            return 0;
        } finally {
            library.function("wasmtime_linker_delete", nothing(ADDRESS)).invokeExact(linker);
        }
    }

    /** The function that a command begins with: a {@code wasmtime_extern_t} has its kind first, 0 for functions. */
    private MemorySegment export(Arena arena, MemorySegment context, MemorySegment instance) throws Throwable {
        MemorySegment name = text(arena, START);
        MemorySegment item = arena.allocate(HANDLE_BYTES, Long.BYTES);
        boolean found = (boolean) library.function(
                        "wasmtime_instance_export_get",
                        returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS))
                .invokeExact(context, instance, name, name.byteSize(), item);
        if (!found || item.get(JAVA_BYTE, 0) != 0) {
            throw new WasmtimeException("the module is no command: it exports no function " + START);
        }
        return item.asSlice(VALUE_AT);
    }

    private int runComponent(Arena arena, MemorySegment context) throws Throwable {
        MemorySegment linker =
                (MemorySegment) library.function("wasmtime_component_linker_new", returning(ADDRESS, ADDRESS))
                        .invokeExact(code.engine().pointer());
        try {
            check((MemorySegment) library.function("wasmtime_component_linker_add_wasip2", returning(ADDRESS, ADDRESS))
                    .invokeExact(linker));
            MemorySegment instance = arena.allocate(HANDLE_BYTES, Long.BYTES);
            functions.checkInstance((MemorySegment) library.function(
                            "wasmtime_component_linker_instantiate",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(linker, context, code.pointer(), instance));
            MemorySegment run = function(arena, context, instance);
            MemorySegment result = arena.allocate(VALUE_BYTES, Long.BYTES);
            check((MemorySegment) library.function(
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
                    throw new WasmtimeException("the component's " + RUN + " is no function");
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
        MemorySegment name = text(arena, export);
        MemorySegment index = (MemorySegment) library.function(
                        "wasmtime_component_get_export_index", returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG))
                .invokeExact(code.pointer(), within, name, name.byteSize());
        if (index.address() == 0) {
            throw new WasmtimeException("the component is no command: it exports no " + export);
        }
        return index;
    }

    private void deleteIndex(MemorySegment index) throws Throwable {
        library.function("wasmtime_component_export_index_delete", nothing(ADDRESS))
                .invokeExact(index);
    }

    private void check(MemorySegment error) throws WasmtimeException {
        functions.check(error);
    }

    private static MemorySegment text(Arena arena, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return arena.allocate(Math.max(1, utf8.length))
                .copyFrom(MemorySegment.ofArray(utf8))
                .asSlice(0, utf8.length);
    }
}
