package dev.precast.cache.store;

import dev.precast.cache.store.StoreListener.Operation;
import dev.precast.cache.store.StoreListener.Result;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A store that reports each call to a listener. */
public final class MeteredDocumentStore implements DocumentStore {
    private final DocumentStore inner;
    private final StoreListener listener;
    private final LongSupplier ticker;

    /** @param ticker nanoseconds since any origin, such as {@link System#nanoTime} */
    public MeteredDocumentStore(DocumentStore inner, StoreListener listener, LongSupplier ticker) {
        this.inner = inner;
        this.listener = listener;
        this.ticker = ticker;
    }

    @Override
    public Optional<Document> find(String name) {
        try (Meter meter = new Meter(listener, ticker, Operation.FIND)) {
            Optional<Document> found = inner.find(name);
            meter.ended(
                    found.isPresent() ? Result.DONE : Result.NOTHING,
                    found.map(document -> document.bytes().length).orElse(0));
            return found;
        }
    }

    @Override
    public Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
        try (Meter meter = new Meter(listener, ticker, Operation.PUT)) {
            Optional<String> version = inner.put(name, bytes, ifVersion);
            meter.ended(version.isPresent() ? Result.DONE : Result.REFUSED, version.isPresent() ? bytes.length : 0);
            return version;
        }
    }

    @Override
    public boolean delete(String name, String ifVersion) {
        try (Meter meter = new Meter(listener, ticker, Operation.DELETE)) {
            boolean deleted = inner.delete(name, ifVersion);
            meter.ended(deleted ? Result.DONE : Result.REFUSED, 0);
            return deleted;
        }
    }
}
