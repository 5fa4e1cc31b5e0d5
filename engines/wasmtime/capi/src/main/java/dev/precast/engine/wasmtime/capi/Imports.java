package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.engine.wasmtime.capi.Exports.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The imports of a module, resolved by a linker. */
final class Imports {
    private final WasmtimeLibrary library;
    private final Store store;
    private final CompiledCode code;

    Imports(WasmtimeLibrary library, Store store, CompiledCode code) {
        this.library = library;
        this.store = store;
        this.code = code;
    }

    /** The first imported memory, if there is one. The handle is valid until the arena or the store is closed. */
    Optional<MemorySegment> memory(Arena arena, MemorySegment linker) throws Throwable {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment vector = scratch.allocate(Functions.VECTOR_BYTES, Long.BYTES);
            library.function("wasmtime_module_imports", nothing(ADDRESS, ADDRESS))
                    .invokeExact(code.pointer(), vector);
            try {
                long count = vector.get(JAVA_LONG, 0);
                MemorySegment imports = Functions.data(vector).reinterpret(count * ADDRESS.byteSize());
                for (long i = 0; i < count; i++) {
                    MemorySegment each = imports.getAtIndex(ADDRESS, i);
                    if (kind(each) == Kind.MEMORY.ordinal()) {
                        return Optional.of(find(arena, linker, each));
                    }
                }
                return Optional.empty();
            } finally {
                library.function("wasm_importtype_vec_delete", nothing(ADDRESS)).invokeExact(vector);
            }
        }
    }

    private byte kind(MemorySegment imported) throws Throwable {
        MemorySegment type = (MemorySegment) library.function("wasm_importtype_type", returning(ADDRESS, ADDRESS))
                .invokeExact(imported);
        return (byte) library.function("wasm_externtype_kind", returning(JAVA_BYTE, ADDRESS))
                .invokeExact(type);
    }

    private MemorySegment find(Arena arena, MemorySegment linker, MemorySegment imported) throws Throwable {
        MemorySegment module = name("wasm_importtype_module", imported);
        MemorySegment name = name("wasm_importtype_name", imported);
        MemorySegment item = arena.allocate(Exports.EXTERN_BYTES, Long.BYTES);
        boolean found = (boolean) library.function(
                        "wasmtime_linker_get",
                        returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS))
                .invokeExact(linker, store.context(), module, module.byteSize(), name, name.byteSize(), item);
        if (!found) {
            throw new IllegalStateException("linker: the instance's imported memory was not found");
        }
        return item.asSlice(Exports.HANDLE_AT);
    }

    private MemorySegment name(String which, MemorySegment imported) throws Throwable {
        MemorySegment vector = (MemorySegment)
                library.function(which, returning(ADDRESS, ADDRESS)).invokeExact(imported);
        return Functions.bytes(vector.reinterpret(Functions.VECTOR_BYTES));
    }
}
