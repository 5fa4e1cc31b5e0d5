package dev.precast.bundle;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Payload;
import java.io.EOFException;
import java.io.IOException;

/**
 * Reads entries of a payload: each is copied to the heap once, and that copy is compared with the index before it is
 * given out. What is damaged is fetched again once.
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
     * The verified bytes of an entry; a fresh array.
     *
     * @throws BundleException if the bytes are not those of the index, also after they were fetched again
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
            throw new BundleException(
                    "bundle entry " + entry.name() + ": expected " + entry.sha256() + ", found " + found);
        }
        return copy;
    }
}
