package dev.precast.cache.store;

import dev.precast.cache.store.StoreListener.Operation;
import dev.precast.cache.store.StoreListener.Result;
import java.util.function.LongSupplier;

/** Measures one call and reports it to the listener once; as a failure if no result was set. */
final class Meter implements AutoCloseable {
    private final StoreListener listener;
    private final LongSupplier ticker;
    private final Operation operation;
    private final long start;
    private Result result = Result.FAILED;
    private long bytes;

    Meter(StoreListener listener, LongSupplier ticker, Operation operation) {
        this.listener = listener;
        this.ticker = ticker;
        this.operation = operation;
        this.start = ticker.getAsLong();
    }

    void ended(Result how, long size) {
        result = how;
        bytes = size;
    }

    @Override
    public void close() {
        listener.called(operation, result, bytes, ticker.getAsLong() - start);
    }
}
