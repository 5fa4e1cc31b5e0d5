package dev.precast.cache;

import dev.precast.cache.store.StoreListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the reads of metered stores. */
public final class CountedReads implements StoreListener {
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    public void called(Operation operation, Result result, long bytes, long nanos) {
        if (operation == Operation.FIND) {
            reads.incrementAndGet();
        }
    }

    /** The number of reads since the last call. */
    public int take() {
        return reads.getAndSet(0);
    }
}
