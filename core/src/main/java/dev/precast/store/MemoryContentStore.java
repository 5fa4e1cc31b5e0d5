package dev.precast.store;

import dev.precast.artifact.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Content in memory: the reference, and good for tests and for hosts that keep nothing on disk. */
public final class MemoryContentStore implements ContentStore {
    /** Larger contents than an array holds count as too large. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 16;

    private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes) throws IOException {
        byte[] bytes = in.readNBytes((int) Math.min(maxBytes, MAX_ARRAY));
        if (in.read() >= 0) {
            return new Put.TooLarge(maxBytes);
        }
        Digest found = Digest.of(bytes);
        if (expected != null && !expected.equals(found)) {
            return new Put.WrongDigest(found);
        }
        return new Put.Stored(found, bytes.length, contents.putIfAbsent(found, bytes) == null);
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        return Optional.ofNullable(contents.get(digest)).map(MemoryBlob::new);
    }

    @Override
    public boolean delete(Digest digest) {
        return contents.remove(digest) != null;
    }

    private static final class MemoryBlob implements Blob {
        private final byte[] bytes;

        MemoryBlob(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }
}
