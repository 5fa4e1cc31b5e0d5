package dev.precast.cache.usage;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The uses of artifacts on one UTC day: for each artifact, the number of uses and the minute of the last. Keeps the
 * {@link #MAX_USES} most recently used artifacts. Not thread safe.
 */
public final class UsageDay {
    /** Maximum number of artifacts. A document of that many has about 3.5 MB, below {@code DocumentStore.MAX_BYTES}. */
    static final int MAX_USES = 40_000;

    private static final int LAST_MINUTE = 24 * 60 - 1;

    private final Map<Use, Tally> uses = new HashMap<>();

    /**
     * An artifact: lane and module.
     *
     * @param lane digest of the lane
     */
    public record Use(Digest lane, Digest module) {}

    /** @param minute minute of the day of the last use */
    record Tally(long count, int minute) {
        private Tally plus(Tally other) {
            return new Tally(Math.min(Json.MAX_INT, count + other.count), Math.max(minute, other.minute));
        }
    }

    Map<Use, Tally> uses() {
        return uses;
    }

    boolean isEmpty() {
        return uses.isEmpty();
    }

    void add(Use use, Tally tally) {
        uses.merge(use, tally, Tally::plus);
        if (uses.size() > MAX_USES + MAX_USES / 10) { // Not each time, because shrinking sorts all uses.
            shrink();
        }
    }

    void addAll(UsageDay other) {
        other.uses.forEach(this::add);
    }

    private void shrink() {
        List<Use> oldest = uses.entrySet().stream()
                .sorted(Comparator.comparingInt(use -> use.getValue().minute()))
                .limit(Math.max(0, uses.size() - MAX_USES))
                .map(Map.Entry::getKey)
                .toList();
        oldest.forEach(uses::remove);
    }

    /** The JSON form {@code {"<lane>": {"<module>": [count, minute]}}}, with digests as 64 hexadecimal digits. */
    JsonObject toJson() {
        shrink();
        Map<String, Map<String, Json>> lanes = new TreeMap<>();
        uses.forEach((use, tally) -> lanes.computeIfAbsent(use.lane().hex(), lane -> new TreeMap<>())
                .put(use.module().hex(), Json.of(List.of(Json.of(tally.count()), Json.of(tally.minute())))));
        Map<String, Json> members = new TreeMap<>();
        lanes.forEach((lane, modules) -> members.put(lane, new JsonObject(modules)));
        return new JsonObject(members);
    }

    /** @throws IllegalArgumentException if the JSON has another form */
    static UsageDay fromJson(JsonObject json) {
        UsageDay day = new UsageDay();
        json.members()
                .forEach((lane, modules) -> modules.asObject(lane)
                        .members()
                        .forEach((module, tally) ->
                                day.add(new Use(new Digest(lane), new Digest(module)), tally(tally))));
        return day;
    }

    private static Tally tally(Json json) {
        List<Json> pair = json.asArray("use");
        if (pair.size() == 2
                && pair.get(0) instanceof Json.Int count
                && pair.get(1) instanceof Json.Int minute
                && minute.value() >= 0
                && minute.value() <= LAST_MINUTE) {
            return new Tally(count.value(), (int) minute.value());
        }
        throw new IllegalArgumentException("use: expected a count and a minute of the day, found " + json.canonical());
    }
}
