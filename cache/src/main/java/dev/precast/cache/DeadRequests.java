package dev.precast.cache;

import dev.precast.artifact.Digest;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.DeadLetters;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Outcomes;
import java.util.List;
import java.util.Optional;

/**
 * What workers gave up: to be looked at, and to be asked for again.
 *
 * <p>Thread safe.
 */
public final class DeadRequests {
    /** How many are shown, and looked through, at most. */
    public static final int SHOWN = 1_000;

    private final DeadLetters letters;
    private final CompileQueue queue;
    private final Outcomes outcomes;

    public DeadRequests(DeadLetters letters, CompileQueue queue, Outcomes outcomes) {
        this.letters = letters;
        this.queue = queue;
        this.outcomes = outcomes;
    }

    /**
     * The oldest first, {@link #SHOWN} at most.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if nothing can be said now
     */
    public List<DeadLetter> list() {
        return letters.list(SHOWN);
    }

    /**
     * The letter of the key with that digest.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if nothing can be said now
     */
    public Optional<DeadLetter> find(Digest key) {
        return list().stream()
                .filter(letter -> letter.key().digest().equals(key))
                .findFirst();
    }

    /**
     * Asks for it again, and forgets its failures and the letter.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Retried retry(Digest key) {
        DeadLetter letter = find(key).orElse(null);
        if (letter == null) {
            return Retried.UNKNOWN;
        }
        // Or the failure would stand in its way until it is time. It is written again if the request fails again.
        outcomes.delete(letter.key());
        CompileRequest request = new CompileRequest(letter.key(), Priority.HOT);
        if (queue.enqueue(request) == CompileQueue.Enqueued.FULL) {
            return Retried.QUEUE_FULL;
        }
        letters.remove(letter.key());
        return Retried.QUEUED;
    }

    /** What came of {@link #retry}. */
    public enum Retried {
        QUEUED,
        /** There is no letter of that key. */
        UNKNOWN,
        /** Nothing changed but that the failure is forgotten. */
        QUEUE_FULL
    }
}
