package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import java.util.List;

/**
 * Requests that workers gave up, kept for people: one a key, the newest. Bounded; the oldest go first.
 *
 * <p>Implementations are thread safe.
 */
public interface DeadLetters {
    /**
     * Keeps the letter, in the place of an older one of its key.
     *
     * @throws QueueUnavailableException if it cannot be kept now
     */
    void add(DeadLetter letter);

    /**
     * What is kept, the oldest first.
     *
     * @param atMost how many, at least 1
     * @throws QueueUnavailableException if nothing can be said now
     */
    List<DeadLetter> list(int atMost);

    /**
     * Forgets the letter of that key; false if there is none.
     *
     * @throws QueueUnavailableException if nothing can be said now
     */
    boolean remove(ArtifactKey key);
}
