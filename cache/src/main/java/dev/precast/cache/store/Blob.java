package dev.precast.cache.store;

import java.io.IOException;
import java.io.InputStream;

/** Stored bytes that can be read any number of times, until they are deleted. Thread safe. */
public interface Blob {
    /** Of bytes in memory, which nobody changes from now on. */
    static Blob of(byte[] bytes) {
        return new MemoryBlob(bytes);
    }

    /** Size in bytes. */
    long size();

    /** A new stream from the first byte on; the caller closes it. */
    InputStream open() throws IOException;
}
