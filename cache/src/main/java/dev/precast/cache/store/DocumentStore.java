package dev.precast.cache.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Small documents under names, written on a condition: attestations, outcomes, lanes, the trust policy. A document is
 * there whole or not at all, and of two writers with one condition one wins.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} where the store fails, and {@link
 * IllegalArgumentException} for a name that is not of {@code [a-z0-9][a-z0-9@+._-]*} segments with slashes between, 200
 * characters a segment and 512 in all at most, and for a document over {@link #MAX_BYTES}. No name may be a folder of
 * another.
 */
public interface DocumentStore {
    /** Largest document, in bytes. */
    int MAX_BYTES = 4 << 20;

    /** In the place of a version: whatever is there, or nothing. That write always happens. */
    String ANY = "*";

    /** The document of that name, if it is there. */
    Optional<Document> find(String name);

    /**
     * Writes a document if the condition holds.
     *
     * @param ifVersion the version that must be there, null if none may be there, or {@link #ANY}
     * @return the new version, or empty if the condition did not hold and nothing was written
     */
    Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion);

    /** Removes a document of that version; whether it was there in that version. */
    boolean delete(String name, String ifVersion);

    /**
     * A document as it was read.
     *
     * @param bytes its content; not to be changed
     * @param version names this content in conditions; opaque
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Document(byte[] bytes, String version) {}
}
