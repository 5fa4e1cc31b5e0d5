package dev.precast.bundle;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Payload;
import java.io.EOFException;
import java.io.IOException;

/**
 * Reads entries of a payload. Copies each entry to the heap and verifies the copy against the index. Fetches the
 * payload again once if an entry is damaged.
 *
 * <p>Thread safe.
 */
public final class BundleReader {
    private final Payload payload;
    private final BundleIndex index;

    public BundleReader(Payload payload, BundleIndex index) {
        this.payload = payload;
        this.index = index;
    }

    public BundleIndex index() {
        return index;
    }

    /**
     * The verified bytes of an entry, in a new array.
     *
     * @throws BundleException if the entry does not match the index, even after the payload was fetched again
     */
    public byte[] read(BundleEntry entry) throws IOException, BundleException {
        try {
            return readOnce(entry);
        } catch (BundleException | EOFException e) {
            if (!payload.refetch()) {
                throw e;
            }
            return readOnce(entry);
        }
    }

    private byte[] readOnce(BundleEntry entry) throws IOException, BundleException {
        byte[] copy = payload.read(entry.offset(), entry.length());
        Digest found = Digest.of(copy);
        if (!found.equals(entry.sha256())) {
            throw new BundleException("bundle entry " + entry.name() + ": wrong digest (expected " + entry.sha256()
                    + ", found " + found + ")");
        }
        return copy;
    }
}
