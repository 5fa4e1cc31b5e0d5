package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.engine.wasmtime.capi.Exports.Kind;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * An instance of a core module that is not a command. Calls exported functions by name; reads and writes its first
 * memory.
 *
 * <p>Not thread safe. Until it is closed, an instance keeps its code from being freed. Cannot be used after
 * {@link #close}.
 */
public final class ModuleInstance implements AutoCloseable {
    /** Upper bound for the size of {@code wasmtime_instance_t} in all versions. */
    private static final long INSTANCE_BYTES = 64;
    /** The size of {@code wasmtime_val_t}: a kind, then a value of at most three words. */
    private static final long VALUE_BYTES = 32;

    private static final long VALUE_AT = 8;

    private final WasmtimeLibrary library;
    private final Functions functions;
    private final Handle.Use keepsCode;
    private final Store store;
    /**
     * Holds the instance's handle, which every call needs. Closing this arena makes later calls fail before they use
     * the freed store.
     */
    private final Arena open = Arena.ofShared();

    private final MemorySegment instance = open.allocate(INSTANCE_BYTES, Long.BYTES);
    private final Exports exports;
    private final Optional<MemorySegment> memory;

    private ModuleInstance(CompiledCode code, WasiSettings settings, boolean zeros) throws WasmtimeException {
        if (code.kind() != WasmKind.MODULE) {
            throw new IllegalArgumentException("instance: expected a core module, found a " + code.kind());
        }
        library = code.engine().library();
        functions = library.functions();
        keepsCode = code.use();
        try {
            store = new Store(code.engine(), settings);
        } catch (WasmtimeException | RuntimeException | Error e) {
            keepsCode.close();
            throw e;
        }
        exports = new Exports(library, store, instance);
        try {
            memory = instantiate(code, zeros);
        } catch (WasmtimeException | RuntimeException | Error e) {
            close();
            throw e;
        } catch (Throwable e) {
            close();
            throw Functions.unexpected("linker functions", e);
        }
    }

    /**
     * Instantiates a module without the program that defines its imports. WASI imports (preview 1) work. Other imported
     * functions return zeros; imported memories, tables and globals are new.
     *
     * @throws IncompatibleException if this host cannot instantiate the module
     * @throws WasmtimeException if the module traps at its start, or an import has a type without a default value
     * @throws IllegalArgumentException if the code is a component
     * @throws IllegalStateException if the code is closed
     */
    public static ModuleInstance standalone(CompiledCode code, WasiSettings settings) throws WasmtimeException {
        return new ModuleInstance(code, settings, true);
    }

    /** Instantiates a module that has only WASI imports. */
    static ModuleInstance ofCommand(CompiledCode code, WasiSettings settings) throws WasmtimeException {
        return new ModuleInstance(code, settings, false);
    }

    /** Instantiates the module; returns its first memory. */
    private Optional<MemorySegment> instantiate(CompiledCode code, boolean zeros) throws Throwable {
        MemorySegment linker = (MemorySegment) library.function("wasmtime_linker_new", returning(ADDRESS, ADDRESS))
                .invokeExact(code.engine().pointer());
        try (Arena scratch = Arena.ofConfined()) {
            functions.check((MemorySegment) library.function("wasmtime_linker_define_wasi", returning(ADDRESS, ADDRESS))
                    .invokeExact(linker));
            if (zeros) {
                functions.check((MemorySegment) library.function(
                                "wasmtime_linker_define_unknown_imports_as_default_values",
                                returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(linker, store.context(), code.pointer()));
            }
            MemorySegment trap = scratch.allocate(ADDRESS);
            functions.checkInstance((MemorySegment) library.function(
                            "wasmtime_linker_instantiate",
                            returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(linker, store.context(), code.pointer(), instance, trap));
            functions.checkTrap(trap.get(ADDRESS, 0));
            Optional<MemorySegment> imported = new Imports(library, store, code).memory(open, linker);
            return imported.isPresent() ? imported : exports.memory(open);
        } finally {
            library.function("wasmtime_linker_delete", nothing(ADDRESS)).invokeExact(linker);
        }
    }

    /**
     * The type of an exported function; empty if there is no function with this name.
     *
     * @throws WasmtimeException if a parameter or result is not a number
     */
    public Optional<FunctionType> type(String function) throws WasmtimeException {
        try (Arena scratch = Arena.ofConfined()) {
            return Functions.calling("function types", () -> {
                Optional<MemorySegment> found = exports.find(scratch, Kind.FUNCTION, function);
                return found.isEmpty() ? Optional.empty() : Optional.of(exports.type(function, found.get()));
            });
        }
    }

    /**
     * Calls an exported function.
     *
     * @param arguments one for each parameter, as bits; 32-bit numbers use the lower half
     * @return one for each result, as bits: an {@code i32} sign-extended, an {@code f32} zero-extended
     * @throws WasmtimeException if the function traps or exits, does not exist, or takes another number of arguments
     */
    public long[] call(String function, long... arguments) throws WasmtimeException {
        try (Arena scratch = Arena.ofConfined()) {
            return Functions.calling("wasmtime_func_call", () -> {
                MemorySegment handle = exports.function(scratch, function);
                FunctionType type = exports.type(function, handle);
                MemorySegment given = given(scratch, function, type.parameters(), arguments);
                int count = type.results().size();
                MemorySegment results = values(scratch, count);
                MemorySegment trap = scratch.allocate(ADDRESS);
                functions.check((MemorySegment) library.function(
                                "wasmtime_func_call",
                                returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS))
                        .invokeExact(
                                store.context(), handle, given, (long) arguments.length, results, (long) count, trap));
                functions.checkTrap(trap.get(ADDRESS, 0));
                long[] bits = new long[count];
                for (int i = 0; i < count; i++) {
                    bits[i] = bits(function, results.asSlice(i * VALUE_BYTES, VALUE_BYTES));
                }
                return bits;
            });
        }
    }

    private static MemorySegment given(
            Arena arena, String function, List<FunctionType.NumberType> parameters, long[] arguments)
            throws WasmtimeException {
        if (parameters.size() != arguments.length) {
            throw new WasmtimeException(
                    function + ": expected " + parameters.size() + " arguments, found " + arguments.length);
        }
        MemorySegment given = values(arena, arguments.length);
        for (int i = 0; i < arguments.length; i++) {
            given.set(JAVA_BYTE, i * VALUE_BYTES, (byte) parameters.get(i).ordinal());
            // Precast supports only little-endian machines, where a 32-bit value is the first half of the long.
            given.set(JAVA_LONG, i * VALUE_BYTES + VALUE_AT, arguments[i]);
        }
        return given;
    }

    private static MemorySegment values(Arena arena, int count) {
        return arena.allocate(Math.max(1, count) * VALUE_BYTES, Long.BYTES);
    }

    private static long bits(String name, MemorySegment value) throws WasmtimeException {
        return switch (Exports.number(name, value.get(JAVA_BYTE, 0))) {
            case I32 -> value.get(JAVA_INT, VALUE_AT);
            case F32 -> Integer.toUnsignedLong(value.get(JAVA_INT, VALUE_AT));
            case I64, F64 -> value.get(JAVA_LONG, VALUE_AT);
        };
    }

    /**
     * The bits of an exported global, in the form of {@link #call}'s results.
     *
     * @throws WasmtimeException if there is no global with this name, or its value is not a number
     */
    public long global(String name) throws WasmtimeException {
        try (Arena scratch = Arena.ofConfined()) {
            return Functions.calling("wasmtime_global_get", () -> {
                MemorySegment global = exports.find(scratch, Kind.GLOBAL, name)
                        .orElseThrow(() -> new WasmtimeException("export not found: global " + name));
                MemorySegment value = values(scratch, 1);
                library.function("wasmtime_global_get", nothing(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(store.context(), global, value);
                return bits(name, value);
            });
        }
    }

    /**
     * Reads bytes of the instance's first memory.
     *
     * @throws WasmtimeException if the module neither imports nor exports a memory, or the bytes are out of bounds
     */
    public byte[] read(long address, int length) throws WasmtimeException {
        return slice(address, length).toArray(JAVA_BYTE);
    }

    /**
     * Writes bytes to the memory that {@link #read} reads.
     *
     * @throws WasmtimeException if there is no such memory, or the bytes are out of bounds
     */
    public void write(long address, byte[] bytes) throws WasmtimeException {
        slice(address, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    private MemorySegment slice(long address, int length) throws WasmtimeException {
        MemorySegment handle =
                memory.orElseThrow(() -> new WasmtimeException("memory: the module neither imports nor exports one"));
        MemorySegment bytes = Functions.calling("memory functions", () -> store.bytes(handle));
        if (address < 0 || address > bytes.byteSize() - length) {
            throw new WasmtimeException("memory: " + length + " bytes at " + address
                    + " are out of bounds (memory size: " + bytes.byteSize() + " bytes)");
        }
        return bytes.asSlice(address, length);
    }

    /** Frees the instance. A second call does nothing. */
    @Override
    public void close() {
        if (open.scope().isAlive()) {
            open.close();
            store.close();
            keepsCode.close();
        }
    }
}
