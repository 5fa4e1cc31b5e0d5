package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.queue.Priority;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Decides the priority of hot requests by the number of requests that their client has in the queue, so that a client with
 * many requests does not delay the first ones of others. Each replica counts by itself.
 *
 * <p>Thread safe.
 */
final class FairShares {
    /** Number of requests of a client with the priority {@link Priority#HOT_FEW} or higher. */
    private static final int FEW = 16;
    /** Time after which a request is not counted any more, because its end may have been missed. */
    private static final long KEPT_NANOS = Duration.ofHours(1).toNanos();

    private static final int MOST = 100_000;

    private record Asked(String client, ArtifactKey key) {}

    private record Given(Priority priority, long at) {}

    private final LinkedHashMap<Asked, Given> asked = new LinkedHashMap<>();
    private final Map<ArtifactKey, Set<String>> clients = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    /** The priority of a client's hot request. The same again until the request has ended. */
    synchronized Priority priority(String client, ArtifactKey key) {
        long now = System.nanoTime();
        forget(now);
        Asked request = new Asked(client, key);
        Given given = asked.get(request);
        if (given == null) {
            int count = counts.merge(client, 1, Integer::sum);
            given = new Given(count == 1 ? Priority.HOT : count <= FEW ? Priority.HOT_FEW : Priority.HOT_MANY, now);
            asked.put(request, given);
            clients.computeIfAbsent(key, any -> new HashSet<>()).add(client);
        }
        return given.priority();
    }

    private void forget(long now) {
        Iterator<Map.Entry<Asked, Given>> oldest = asked.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<Asked, Given> entry = oldest.next();
            if (asked.size() < MOST && now - entry.getValue().at() < KEPT_NANOS) {
                return;
            }
            oldest.remove();
            ArtifactKey key = entry.getKey().key();
            uncount(entry.getKey().client());
            clients.computeIfPresent(key, (same, names) -> {
                names.remove(entry.getKey().client());
                return names.isEmpty() ? null : names;
            });
        }
    }

    /** Notes that a key is not in the queue any more. */
    synchronized void ended(ArtifactKey key) {
        Set<String> names = clients.remove(key);
        if (names != null) {
            for (String client : names) {
                asked.remove(new Asked(client, key));
                uncount(client);
            }
        }
    }

    private void uncount(String client) {
        counts.computeIfPresent(client, (same, count) -> count > 1 ? count - 1 : null);
    }
}
