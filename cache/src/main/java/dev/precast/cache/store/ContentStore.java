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
     * @param ifStored what to do if there is content with this digest
     * @throws IOException if reading {@code in} fails
     */
    Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException;

    /** Stores content with {@link IfStored#KEEP}. */
    default Put put(InputStream in, @Nullable Digest expected, long maxBytes) throws IOException {
        return put(in, expected, maxBytes, IfStored.KEEP);
    }

    /** The bytes with this digest, if they are stored. Does not verify them again. */
    Optional<Blob> find(Digest digest);

    /** Deletes the bytes; returns whether they were stored. Readers that opened them can read to the end. */
    boolean delete(Digest digest);

    /** What a put does with content that is stored already. */
    enum IfStored {
        /**
         * Keeps stored content if its checksum is the digest, and replaces it otherwise. A store may use a checksum that
         * it computed when the content was written, so it may keep content that was damaged later.
         */
        KEEP,
        /** Replaces stored content in any case. Readers see the old content or the new content, never a mixture. */
        REPLACE
    }

    /** What a put found under the digest. */
    enum Before {
        ABSENT,
        /** Content whose checksum was the digest, or content that was replaced without a check. */
        PRESENT,
        /** Content of another checksum or size, or content that could not be read. The put replaced it. */
        DAMAGED
    }

    /** The result of {@link #put}. */
    sealed interface Put {
        /**
         * @param digest the digest of the bytes
         * @param size number of bytes
         * @param before what was stored before
         */
        record Stored(Digest digest, long size, Before before) implements Put {
            /** Whether nothing was stored under the digest before. */
            public boolean created() {
                return before == Before.ABSENT;
            }
        }

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
