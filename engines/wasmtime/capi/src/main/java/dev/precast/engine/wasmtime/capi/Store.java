package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** A Wasmtime store: the owner of instances, with the WASI settings of one program. Not thread safe. */
final class Store implements AutoCloseable {
    /** A practically unlimited number of fuel units and epochs, for configs that limit them. */
    private static final long ENDLESS = Long.MAX_VALUE;

    private final WasmtimeLibrary library;
    private final MemorySegment pointer;
    private final MemorySegment context;

    /** @throws WasmtimeException if a setting cannot be applied, such as a missing file */
    Store(Engine engine, WasiSettings settings) throws WasmtimeException {
        library = engine.library();
        pointer =
                Functions.calling("wasmtime_store_new", () -> (MemorySegment)
                        library.function("wasmtime_store_new", returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                                .invokeExact(engine.pointer(), MemorySegment.NULL, MemorySegment.NULL));
        context = Functions.calling(
                "wasmtime_store_context",
                () -> (MemorySegment) library.function("wasmtime_store_context", returning(ADDRESS, ADDRESS))
                        .invokeExact(pointer));
        try {
            prepare(engine.config(), settings);
        } catch (WasmtimeException | RuntimeException | Error e) {
            close();
            throw e;
        } catch (Throwable e) {
            close();
            throw Functions.unexpected("wasmtime_context functions", e);
        }
    }

    private void prepare(EngineConfig config, WasiSettings settings) throws Throwable {
        Functions functions = library.functions();
        MemorySegment wasi = new WasiFunctions(library).config(settings);
        functions.check(
                (MemorySegment) library.function("wasmtime_context_set_wasi", returning(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(context, wasi));
        if (config.isOn(Option.CONSUME_FUEL)) {
            functions.check((MemorySegment)
                    library.function("wasmtime_context_set_fuel", returning(ADDRESS, ADDRESS, JAVA_LONG))
                            .invokeExact(context, ENDLESS));
        }
        if (config.isOn(Option.EPOCH_INTERRUPTION)) {
            library.function("wasmtime_context_set_epoch_deadline", nothing(ADDRESS, JAVA_LONG))
                    .invokeExact(context, ENDLESS);
        }
    }

    /** The store's context, which most calls need. Valid until the store is closed. */
    MemorySegment context() {
        return context;
    }

    /** The current bytes of a memory. A call of wasm code may move them. */
    MemorySegment bytes(MemorySegment memory) throws Throwable {
        long size = (long) library.function("wasmtime_memory_data_size", returning(JAVA_LONG, ADDRESS, ADDRESS))
                .invokeExact(context, memory);
        MemorySegment data =
                (MemorySegment) library.function("wasmtime_memory_data", returning(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(context, memory);
        return data.reinterpret(size);
    }

    /** Frees the store and all its instances. */
    @Override
    public void close() {
        try {
            library.function("wasmtime_store_delete", nothing(ADDRESS)).invokeExact(pointer);
        } catch (Throwable e) {
            throw Functions.unexpected("wasmtime_store_delete", e);
        }
    }
}
