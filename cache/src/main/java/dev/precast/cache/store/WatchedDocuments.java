package dev.precast.cache.store;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A decorator that watches a few documents of a store: it announces each write of them, and answers
 * {@link #find(String, Duration)} from memory until a change is announced or the copy is too old. While announcements
 * may be lost, it reads the store each time.
 *
 * <p>Thread safe.
 */
public final class WatchedDocuments implements DocumentStore {
    private final DocumentStore inner;
    private final Set<String> watched;
    private final DocumentChanges changes;
    private final LongSupplier ticker;
    private final Map<String, Copy> copies = new ConcurrentHashMap<>();
    /** Number of changes of each document that this node was told of. */
    private final Map<String, Long> told = new ConcurrentHashMap<>();

    /**
     * @param document the document; empty if there was none
     * @param readAt time before the read, in nanoseconds of the ticker
     * @param period the period of announcements before the read
     * @param told number of changes before the read
     */
    private record Copy(Optional<Document> document, long readAt, long period, long told) {}

    /**
     * @param watched names of the watched documents
     * @param ticker nanoseconds since any origin, such as {@link System#nanoTime}
     */
    public WatchedDocuments(DocumentStore inner, Set<String> watched, DocumentChanges changes, LongSupplier ticker) {
        this.inner = inner;
        this.watched = Set.copyOf(watched);
        this.changes = changes;
        this.ticker = ticker;
        changes.listen(this::changed);
    }

    @Override
    public Optional<Document> find(String name) {
        return inner.find(name);
    }

    @Override
    public Optional<Document> find(String name, Duration oldest) {
        OptionalLong period = changes.period();
        if (period.isEmpty() || !watched.contains(name)) {
            return inner.find(name);
        }
        long now = ticker.getAsLong();
        long changed = told.getOrDefault(name, 0L);
        Copy copy = copies.get(name);
        if (copy == null
                || copy.period != period.getAsLong()
                || copy.told != changed
                || now - copy.readAt >= oldest.toNanos()) {
            // Everything that the copy is compared with was read before the document, so a change during the read
            // counts.
            copy = new Copy(inner.find(name), now, period.getAsLong(), changed);
            copies.put(name, copy);
        }
        return copy.document;
    }

    @Override
    public Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
        boolean maybe = true; // A write that fails may have happened.
        try {
            Optional<String> version = inner.put(name, bytes, ifVersion);
            maybe = version.isPresent();
            return version;
        } finally {
            written(name, maybe);
        }
    }

    @Override
    public boolean delete(String name, String ifVersion) {
        boolean maybe = true;
        try {
            maybe = inner.delete(name, ifVersion);
            return maybe;
        } finally {
            written(name, maybe);
        }
    }

    private void written(String name, boolean maybe) {
        changed(name); // Also after a refused write: the document has another version than the writer knew.
        if (maybe && watched.contains(name)) {
            changes.announce(name);
        }
    }

    private void changed(String name) {
        if (watched.contains(name)) {
            told.merge(name, 1L, Long::sum);
        }
    }
}
