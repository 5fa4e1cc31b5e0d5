package dev.precast.cache.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Stored bytes that can be read any number of times, until they are deleted. Thread safe. */
public interface Blob {
    /** Of bytes in memory, which nobody changes from now on. */
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

    /** A new stream from the first byte on; the caller closes it. */
    InputStream open() throws IOException;
}
