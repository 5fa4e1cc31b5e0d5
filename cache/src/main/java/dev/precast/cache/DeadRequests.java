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
 * Lists the dead letters, which are requests that workers gave up, and retries them.
 *
 * <p>Thread safe.
 */
public final class DeadRequests {
    /** Maximum number of dead letters that are listed and searched. */
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
     * The dead letters, oldest first, at most {@link #SHOWN}.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     */
    public List<DeadLetter> list() {
        return letters.list(SHOWN);
    }

    /**
     * The dead letter of the key with this digest.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     */
    public Optional<DeadLetter> find(Digest key) {
        return list().stream()
                .filter(letter -> letter.key().digest().equals(key))
                .findFirst();
    }

    /**
     * Enqueues the request again, and removes its stored failure and its dead letter.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Retried retry(Digest key) {
        DeadLetter letter = find(key).orElse(null);
        if (letter == null) {
            return Retried.UNKNOWN;
        }
        // The stored failure would block the request until the failure's retryAt. If the compilation fails again, the
        // worker stores a new failure.
        outcomes.delete(letter.key());
        CompileRequest request = new CompileRequest(letter.key(), Priority.HOT);
        if (queue.enqueue(request) == CompileQueue.Enqueued.FULL) {
            return Retried.QUEUE_FULL;
        }
        letters.remove(letter.key());
        return Retried.QUEUED;
    }

    /** The result of {@link #retry}. */
    public enum Retried {
        QUEUED,
        /** The key has no dead letter. */
        UNKNOWN,
        /** The queue is full. Only the stored failure was removed; the dead letter remains. */
        QUEUE_FULL
    }
}
