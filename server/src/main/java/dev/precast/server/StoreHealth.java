package dev.precast.server;

import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreListener;
import java.util.Optional;

/**
 * Whether the stores answer. Learns of failures from the calls that this node makes anyway; reads by itself only until a
 * read succeeds again, so that a healthy store costs nothing.
 *
 * <p>Thread safe.
 */
final class StoreHealth implements StoreListener {
    private volatile boolean doubtful;
    private volatile Optional<String> problem = Optional.empty();

    @Override
    public void called(Operation operation, Result result, long bytes, long nanos) {
        if (result == Result.FAILED) {
            doubtful = true;
        }
    }

    /** Makes the next check read. */
    void doubt() {
        doubtful = true;
    }

    /** Reads a document if a call has failed since the last read that succeeded. */
    void check(DocumentStore documents) {
        if (!doubtful) {
            return;
        }
        try {
            doubtful = false; // Before the read, whose own failure sets it again.
            documents.find(PolicySource.DOCUMENT);
            problem = Optional.empty();
        } catch (StoreException e) {
            doubtful = true;
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why the stores cannot be used; empty if they can. */
    Optional<String> problem() {
        return problem;
    }
}
