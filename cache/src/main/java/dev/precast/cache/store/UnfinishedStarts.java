package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Starts of compilations without an end: documents {@code starts/<engine>/<lane>/<module>}. A worker counts a start
 * before it starts a child, and forgets the count with the compilation's result. A count that remains says that workers
 * ended during the compilation, because they crashed or were killed.
 *
 * <p>The documents are not signed: they can only delay a compilation.
 *
 * <p>Thread safe. Methods throw {@link StoreException} if the store fails.
 */
public final class UnfinishedStarts {
    /** Folder of the documents. */
    public static final String FOLDER = "starts";

    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private final DocumentStore documents;
    private final InstantSource clock;

    public UnfinishedStarts(DocumentStore documents, InstantSource clock) {
        this.documents = documents;
        this.clock = clock;
    }

    /**
     * Starts in a row without an end.
     *
     * @param count at least 1
     * @param at time of the last one
     */
    public record Starts(int count, Instant at) {
        /** @throws IllegalArgumentException if the count is below 1 */
        public Starts {
            if (count < 1) {
                throw new IllegalArgumentException("unfinished starts: expected at least 1, found " + count);
            }
        }

        private byte[] toJson() {
            return JsonObject.EMPTY
                    .with("count", count)
                    .with("at", at.toString())
                    .canonical()
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    /** The unfinished starts of a key. Ignores those that are more than a minute in the future. */
    public Optional<Starts> find(ArtifactKey key) {
        Instant latest = clock.instant().plus(CLOCK_DIFFERENCE);
        return documents
                .find(DocumentNames.starts(key))
                .flatMap(document -> read(DocumentNames.starts(key), document))
                .filter(starts -> !starts.at().isAfter(latest));
    }

    /** Stores the starts of a key; replaces those of before. */
    public void put(ArtifactKey key, Starts starts) {
        documents.put(DocumentNames.starts(key), starts.toJson(), DocumentStore.ANY);
    }

    /** Forgets the starts of a key. */
    public void delete(ArtifactKey key) {
        String name = DocumentNames.starts(key);
        documents.find(name).ifPresent(document -> documents.delete(name, document.version()));
    }

    /** Whether a document of this folder is older than {@code instant}, or damaged. */
    public static boolean isOlder(String name, DocumentStore.Document document, Instant instant) {
        return read(name, document)
                .filter(starts -> !starts.at().isBefore(instant))
                .isEmpty();
    }

    private static Optional<Starts> read(String name, DocumentStore.Document document) {
        return document.read(
                name,
                json -> new Starts(
                        (int) json.integer("count", 1, Integer.MAX_VALUE), Instant.parse(json.string("at"))));
    }
}
