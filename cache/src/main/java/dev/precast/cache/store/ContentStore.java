package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bytes under their own digest: modules, and the payloads of artifacts. What is there is whole; what is cut off is
 * never seen.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} where the store fails.
 */
public interface ContentStore {
    /**
     * Stores what is left in {@code in}, hashing on the way. Nothing is kept unless the result is {@link Put.Stored}.
     * What was there before counts as put again: see {@link ContentListing.Entry#putAt}.
     *
     * @param expected the digest it must have, or null to take any
     * @param maxBytes how much is taken at most
     * @throws IOException if {@code in} fails
     */
    Put put(InputStream in, @Nullable Digest expected, long maxBytes) throws IOException;

    /** The bytes of that digest, if they are there. They are not hashed again. */
    Optional<Blob> find(Digest digest);

    /** Forgets the bytes; whether they were there. Who reads them at that moment may finish. */
    boolean delete(Digest digest);

    /** What came of {@link #put}. */
    sealed interface Put {
        /**
         * @param digest of the bytes
         * @param size in bytes
         * @param created false if they were there before
         */
        record Stored(Digest digest, long size, boolean created) implements Put {}

        /** @param found the digest that the bytes have */
        record WrongDigest(Digest found) implements Put {}

        /** There were more than {@code maxBytes}. */
        record TooLarge(long maxBytes) implements Put {}

        /**
         * There is no space for them within the quota.
         *
         * @param quotaBytes how much the store may hold
         * @param usedBytes how much it holds, or is being written
         */
        record Full(long quotaBytes, long usedBytes) implements Put {}
    }
}
