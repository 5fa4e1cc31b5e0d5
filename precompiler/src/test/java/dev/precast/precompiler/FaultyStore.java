package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose puts or reads throw a fault while one is set. */
record FaultyStore(ContentStore inner, Supplier<@Nullable Throwable> ofPut, Supplier<@Nullable Throwable> ofFind)
        implements ContentStore {

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        throwIfSet(ofPut.get());
        return inner.put(in, expected, maxBytes, ifStored);
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        throwIfSet(ofFind.get());
        return inner.find(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        return inner.delete(digest);
    }

    private static void throwIfSet(@Nullable Throwable fault) {
        switch (fault) {
            case null -> {}
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new AssertionError(fault);
        }
    }
}
