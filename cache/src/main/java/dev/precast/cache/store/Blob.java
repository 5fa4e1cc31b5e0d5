package dev.precast.cache.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Stored bytes that can be read any number of times, until they are deleted. Thread safe. */
public interface Blob {
    /** A blob of an array, which must not be modified. */
    static Blob of(byte[] bytes) {
        @SuppressWarnings("ArrayRecordComponent")
        record InMemory(byte[] bytes) implements Blob {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        }
        return new InMemory(bytes);
    }

    /** Size in bytes. */
    long size();

    /** Opens a new stream, which the caller closes. */
    InputStream open() throws IOException;

    /**
     * Opens a new stream that begins at an offset; the caller closes it. A store that is far away sends nothing of the
     * bytes before the offset.
     *
     * @param from 0 or more, and less than {@link #size}
     */
    default InputStream open(long from) throws IOException {
        InputStream in = open();
        try {
            in.skipNBytes(from);
            return in;
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }
}
