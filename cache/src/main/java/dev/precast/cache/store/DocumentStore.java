package dev.precast.cache.store;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The port for small named documents with conditional writes: attestations, outcomes, lanes, the trust policy. Writes
 * are atomic; of two writers that expect the same version, one succeeds.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} if the store fails, and
 * {@link IllegalArgumentException} for an invalid name or a document over {@link #MAX_BYTES}. A name has segments
 * {@code [a-z0-9][a-z0-9@+._-]*} of at most 200 characters, separated by slashes, and at most 512 characters in total.
 * A name must not be the folder of another name.
 */
public interface DocumentStore {
    /** Maximum size of a document in bytes. */
    int MAX_BYTES = 4 << 20;

    /** Maximum number of attempts of {@link #update}. */
    int ROUNDS = 50;

    /** Condition that always holds, whether the document exists or not. */
    String ANY = "*";

    /** The document with this name, if it exists. */
    Optional<Document> find(String name);

    /**
     * The document with this name, if it exists; may be a copy in memory. Only stores that hear of changes keep copies,
     * other stores read the document each time.
     *
     * @param oldest maximum age of a copy
     */
    default Optional<Document> find(String name, Duration oldest) {
        return find(name);
    }

    /**
     * Writes a document if the condition holds.
     *
     * @param ifVersion the expected version; null if the document must not exist; or {@link #ANY}
     * @return the new version, or empty if the condition did not hold and nothing was written
     */
    Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion);

    /** Deletes a document if it has this version; returns whether it was deleted. */
    boolean delete(String name, String ifVersion);

    /**
     * Changes a document; retries if others change it at the same time.
     *
     * @param change computes the new content from the stored document, or returns null to leave the document as it is
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
        throw new StoreException(name + ": too many concurrent writers (" + ROUNDS + " attempts); retry", true, null);
    }

    /**
     * A document with its version.
     *
     * @param bytes the content; do not modify the array
     * @param version the version for conditions; opaque
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Document(byte[] bytes, String version) {
        /**
         * Parses the content, a JSON object. A damaged document counts as absent, so that the next writer replaces it;
         * the damage is logged.
         *
         * @param what names the document in the log
         * @param form parses the object; throws {@link IllegalArgumentException} or {@link DateTimeException} if the
         *     object has another form or was changed
         * @return empty if the content is damaged
         */
        public <T> Optional<T> read(String what, Function<JsonObject, T> form) {
            try {
                return Optional.of(form.apply(Json.parse(bytes).asObject(what)));
            } catch (IllegalArgumentException | DateTimeException e) {
                DamageLog.SHARED.found(what, e.getMessage() + "; the document counts as absent");
                return Optional.empty();
            }
        }
    }
}
