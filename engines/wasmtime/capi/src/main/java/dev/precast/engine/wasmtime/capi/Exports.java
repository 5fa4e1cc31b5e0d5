package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.engine.wasmtime.capi.FunctionType.NumberType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The exports of an instance. A handle is valid until its arena or the store is closed. */
final class Exports {
    /** Upper bound for the size of {@code wasmtime_extern_t} in all versions: a kind, then the handle. */
    static final long EXTERN_BYTES = 64;

    static final long HANDLE_AT = 8;
    /**
     * Upper bound for the size of {@code wasmtime_valtype_t} in all versions: a kind, then the heap type of references.
     */
    private static final long TYPE_BYTES = 64;

    private final WasmtimeLibrary library;
    private final Store store;
    private final MemorySegment instance;

    Exports(WasmtimeLibrary library, Store store, MemorySegment instance) {
        this.library = library;
        this.store = store;
        this.instance = instance;
    }

    /** Kinds in the order of the constants from {@code WASMTIME_EXTERN_FUNC} on. */
    enum Kind {
        FUNCTION,
        GLOBAL,
        TABLE,
        MEMORY
    }

    Optional<MemorySegment> find(Arena arena, Kind kind, String name) throws Throwable {
        MemorySegment utf8 = Functions.text(arena, name);
        MemorySegment item = arena.allocate(EXTERN_BYTES, Long.BYTES);
        boolean found = (boolean) library.function(
                        "wasmtime_instance_export_get",
                        returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS))
                .invokeExact(store.context(), instance, utf8, utf8.byteSize(), item);
        return found && is(kind, item) ? Optional.of(item.asSlice(HANDLE_AT)) : Optional.empty();
    }

    /** @throws WasmtimeException if there is no such function */
    MemorySegment function(Arena arena, String name) throws Throwable {
        return find(arena, Kind.FUNCTION, name)
                .orElseThrow(() -> new WasmtimeException("export not found: function " + name));
    }

    /** The first exported memory, if there is one. */
    Optional<MemorySegment> memory(Arena arena) throws Throwable {
        MemorySegment name = arena.allocate(ADDRESS);
        MemorySegment length = arena.allocate(JAVA_LONG);
        MemorySegment item = arena.allocate(EXTERN_BYTES, Long.BYTES);
        MethodHandle nth = library.function(
                "wasmtime_instance_export_nth",
                returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));
        for (long i = 0; (boolean) nth.invokeExact(store.context(), instance, i, name, length, item); i++) {
            if (is(Kind.MEMORY, item)) {
                return Optional.of(item.asSlice(HANDLE_AT));
            }
        }
        return Optional.empty();
    }

    private static boolean is(Kind kind, MemorySegment item) {
        return item.get(JAVA_BYTE, 0) == kind.ordinal();
    }

    /** @throws WasmtimeException if a parameter or result is not a number */
    FunctionType type(String name, MemorySegment function) throws Throwable {
        MemorySegment type =
                (MemorySegment) library.function("wasmtime_func_type", returning(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(store.context(), function);
        try {
            return new FunctionType(
                    numbers(name, "wasm_functype_params", type), numbers(name, "wasm_functype_results", type));
        } finally {
            library.function("wasm_functype_delete", nothing(ADDRESS)).invokeExact(type);
        }
    }

    private List<NumberType> numbers(String name, String which, MemorySegment type) throws Throwable {
        MemorySegment vector = (MemorySegment)
                library.function(which, returning(ADDRESS, ADDRESS)).invokeExact(type);
        MemorySegment types = vector.reinterpret(Functions.VECTOR_BYTES);
        long count = types.get(JAVA_LONG, 0);
        MemorySegment each = Functions.data(types).reinterpret(count * ADDRESS.byteSize());
        List<NumberType> numbers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            numbers.add(number(name, kind(each.getAtIndex(ADDRESS, i))));
        }
        return numbers;
    }

    /** The kind of a value type. Does not call {@code wasm_valtype_kind}, which aborts the process for vectors. */
    private byte kind(MemorySegment type) throws Throwable {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment copy = scratch.allocate(TYPE_BYTES, Long.BYTES);
            library.function("wasmtime_valtype_new", nothing(ADDRESS, ADDRESS)).invokeExact(type, copy);
            byte kind = copy.get(JAVA_BYTE, 0);
            library.function("wasmtime_valtype_delete", nothing(ADDRESS)).invokeExact(copy);
            return kind;
        }
    }

    /** @throws WasmtimeException if the kind is a vector or a reference */
    static NumberType number(String name, byte kind) throws WasmtimeException {
        NumberType[] numbers = NumberType.values();
        int index = Byte.toUnsignedInt(kind);
        if (index >= numbers.length) {
            throw new WasmtimeException(name + ": expected only numbers, found a value of C API kind " + index);
        }
        return numbers[index];
    }
}
