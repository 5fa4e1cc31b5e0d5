package dev.precast.cache.store;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.time.DateTimeException;
import java.util.Optional;
import java.util.function.Function;
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

    /** Attempts of {@link #update}. */
    int ROUNDS = 50;

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
     * Changes a document, however many others change it at the same time.
     *
     * @param change makes the new content from the document, if there is one; null leaves the document as it is
     * @return whether the document was written
     */
    default boolean update(String name, Function<Optional<Document>, byte @Nullable []> change) {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<Document> before = find(name);
            byte[] after = change.apply(before);
            if (after == null) {
                return false;
            }
            if (put(name, after, before.map(Document::version).orElse(null)).isPresent()) {
                return true;
            }
        }
        throw new StoreException(name + ": other writers were faster " + ROUNDS + " times", true, null);
    }

    /**
     * A document as it was read.
     *
     * @param bytes its content; not to be changed
     * @param version names this content in conditions; opaque
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Document(byte[] bytes, String version) {
        /**
         * Reads the content, a JSON object.
         *
         * @param what names the document in errors
         * @param form reads the object; throws {@link IllegalArgumentException} or {@link DateTimeException} if it has
         *     another form
         * @throws StoreException if the content is damaged
         */
        public <T> T read(String what, Function<JsonObject, T> form) {
            try {
                return form.apply(Json.parse(bytes).asObject(what));
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new StoreException(what + ": the stored document is damaged: " + e.getMessage(), false, e);
            }
        }
    }
}
