package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The port for bytes that are named by their digest: modules and payloads. Readers never see partial content.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} if the store fails.
 */
public interface ContentStore {
    /**
     * Stores the remaining bytes of {@code in} and computes their digest. Stores nothing unless the result is
     * {@link Put.Stored}. A put of stored content renews {@link ContentListing.Entry#putAt}.
     *
     * @param expected the expected digest; null for any
     * @param maxBytes maximum number of bytes
     * @throws IOException if reading {@code in} fails
     */
    Put put(InputStream in, @Nullable Digest expected, long maxBytes) throws IOException;

    /** The bytes with this digest, if they are stored. Does not verify them again. */
    Optional<Blob> find(Digest digest);

    /** Deletes the bytes; returns whether they were stored. Readers that opened them can read to the end. */
    boolean delete(Digest digest);

    /** The result of {@link #put}. */
    sealed interface Put {
        /**
         * @param digest the digest of the bytes
         * @param size number of bytes
         * @param created false if the bytes were stored before
         */
        record Stored(Digest digest, long size, boolean created) implements Put {}

        /** @param found the digest of the bytes */
        record WrongDigest(Digest found) implements Put {}

        /** The content has more than {@code maxBytes} bytes. */
        record TooLarge(long maxBytes) implements Put {}

        /**
         * The content does not fit into the quota.
         *
         * @param quotaBytes maximum size of the store in bytes
         * @param usedBytes stored bytes and bytes that are being written
         */
        record Full(long quotaBytes, long usedBytes) implements Put {}
    }
}
