package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.StoreListener.Operation;
import dev.precast.cache.store.StoreListener.Result;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A store that reports each call to a listener. Does not report reads of blobs. */
public final class MeteredContentStore implements ContentStore {
    private final ContentStore inner;
    private final StoreListener listener;
    private final LongSupplier ticker;

    /** @param ticker nanoseconds since any origin, such as {@link System#nanoTime} */
    public MeteredContentStore(ContentStore inner, StoreListener listener, LongSupplier ticker) {
        this.inner = inner;
        this.listener = listener;
        this.ticker = ticker;
    }

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        try (Meter meter = new Meter(listener, ticker, Operation.PUT)) {
            Put put = inner.put(in, expected, maxBytes, ifStored);
            if (put instanceof Put.Stored stored) {
                Result result = switch (stored.before()) {
                    case ABSENT -> Result.DONE;
                    case PRESENT -> Result.NOTHING;
                    case DAMAGED -> Result.REPAIRED;
                };
                meter.ended(result, result == Result.NOTHING ? 0 : stored.size());
            } else {
                meter.ended(Result.REFUSED, 0);
            }
            return put;
        }
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        try (Meter meter = new Meter(listener, ticker, Operation.FIND)) {
            Optional<Blob> found = inner.find(digest);
            meter.ended(
                    found.isPresent() ? Result.DONE : Result.NOTHING,
                    found.map(Blob::size).orElse(0L));
            return found;
        }
    }

    @Override
    public boolean delete(Digest digest) {
        try (Meter meter = new Meter(listener, ticker, Operation.DELETE)) {
            boolean deleted = inner.delete(digest);
            meter.ended(deleted ? Result.DONE : Result.NOTHING, 0);
            return deleted;
        }
    }
}
