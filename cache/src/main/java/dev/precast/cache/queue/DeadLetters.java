package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import java.util.List;

/**
 * The port for requests that workers gave up; people inspect and retry them. Keeps the newest letter of each key, and a
 * limited number of letters: the oldest are dropped first.
 *
 * <p>Implementations are thread safe.
 */
public interface DeadLetters {
    /**
     * Adds a letter and replaces an older letter of the same key.
     *
     * @throws QueueUnavailableException if the letter cannot be stored
     */
    void add(DeadLetter letter);

    /**
     * Lists the letters, oldest first.
     *
     * @param atMost maximum number of letters, at least 1
     * @throws QueueUnavailableException if the queue does not answer
     */
    List<DeadLetter> list(int atMost);

    /**
     * Removes the letter of a key; false if there is none.
     *
     * @throws QueueUnavailableException if the queue does not answer
     */
    boolean remove(ArtifactKey key);
}
