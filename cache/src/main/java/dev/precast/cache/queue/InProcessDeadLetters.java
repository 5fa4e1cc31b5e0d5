package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dead letters in memory, which are lost when the process ends. */
public final class InProcessDeadLetters implements DeadLetters {
    private static final int CAPACITY = 10_000;

    private final Map<ArtifactKey, DeadLetter> letters = new LinkedHashMap<>();

    @Override
    public synchronized void add(DeadLetter letter) {
        letters.remove(letter.key());
        letters.put(letter.key(), letter);
        if (letters.size() > CAPACITY) {
            letters.remove(letters.keySet().iterator().next());
        }
    }

    @Override
    public synchronized List<DeadLetter> list(int atMost) {
        return letters.values().stream().limit(atMost).toList();
    }

    @Override
    public synchronized boolean remove(ArtifactKey key) {
        return letters.remove(key) != null;
    }
}
