package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Limits the size of a store. Reserves space while it reads the bytes of a put, so that concurrent puts together cannot
 * exceed the quota. A put without enough space returns {@link ContentStore.Put.Full} and stores nothing.
 */
public final class LimitedContentStore implements ContentStore {
    private final ContentStore inner;
    private final long quotaBytes;
    private final AtomicLong used;

    /**
     * @param quotaBytes maximum size of the store in bytes, at least 0
     * @param usedBytes current size of the store in bytes; from now on, only this object may write to the store
     */
    public LimitedContentStore(ContentStore inner, long quotaBytes, long usedBytes) {
        if (quotaBytes < 0 || usedBytes < 0) {
            throw new IllegalArgumentException("quota: expected sizes of at least 0 bytes, found a quota of "
                    + quotaBytes + " bytes and " + usedBytes + " used bytes");
        }
        this.inner = inner;
        this.quotaBytes = quotaBytes;
        this.used = new AtomicLong(usedBytes);
    }

    /** Stored and reserved bytes. */
    public long usedBytes() {
        return used.get();
    }

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        Reserving reserving = new Reserving(in);
        try {
            Put put = inner.put(reserving, expected, maxBytes, ifStored);
            if (put instanceof Put.Stored stored && stored.created()) {
                reserving.kept(stored.size());
            }
            return put;
        } catch (IOException | RuntimeException e) {
            if (reserving.refused) {
                return new Put.Full(quotaBytes, used.get());
            }
            throw e;
        } finally {
            used.addAndGet(-reserving.bytes);
        }
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        return inner.find(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        long size = inner.find(digest).map(Blob::size).orElse(0L);
        boolean deleted = inner.delete(digest);
        if (deleted) {
            used.addAndGet(-size);
        }
        return deleted;
    }

    private boolean reserve(long bytes) {
        long before = used.get();
        while (before + bytes <= quotaBytes) {
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = used.get();
        }
        return false;
    }

    private final class Reserving extends FilterInputStream {
        private long bytes;
        private boolean refused;

        Reserving(InputStream in) {
            super(in);
        }

        /** Keeps the reservation of stored bytes. */
        void kept(long size) {
            bytes -= size;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            count(Math.max(0, n));
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            long skipped = super.skip(n);
            count(skipped);
            return skipped;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        private void count(long n) throws IOException {
            if (!reserve(n)) {
                refused = true;
                throw new IOException("quota: exceeded");
            }
            bytes += n;
        }
    }
}
