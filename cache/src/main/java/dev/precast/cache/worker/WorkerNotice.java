package dev.precast.cache.worker;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A heartbeat of a worker, with the worker's limits. The lanes themselves are in the store.
 *
 * @param worker unique name of the process: 1 to 64 letters, digits, {@code _} and {@code -}
 * @param lanes digests of the lanes that the worker serves; empty if the worker is stopping
 * @param slots number of concurrent compilations
 * @param limits limits of each compilation
 * @param caps static caps, by name
 */
public record WorkerNotice(String worker, Set<Digest> lanes, int slots, Limits limits, JsonObject caps) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Set<String> MEMBERS = Set.of("worker", "lanes", "slots", "limits", "caps");

    /** @throws IllegalArgumentException if the worker's name or the number of slots is out of range */
    public WorkerNotice {
        lanes = Set.copyOf(lanes);
        if (!NAME.matcher(worker).matches()) {
            throw new IllegalArgumentException(
                    "worker: expected 1 to 64 letters, digits, _ and -, found \"" + worker + "\"");
        }
        if (slots < 0) {
            throw new IllegalArgumentException("worker " + worker + ": expected 0 slots or more, found " + slots);
        }
    }

    /** The JSON form. */
    public JsonObject toJson() {
        List<String> names = lanes.stream().sorted().map(Digest::toString).toList();
        return JsonObject.EMPTY
                .with("worker", worker)
                .with("lanes", Json.ofStrings(names))
                .with("slots", slots)
                .with("limits", limits.toJson())
                .with("caps", caps);
    }

    /**
     * Reads the JSON form.
     *
     * @throws IllegalArgumentException if a member is missing, unknown or has the wrong form
     */
    public static WorkerNotice fromJson(JsonObject json) {
        json.only("notice", MEMBERS);
        Set<Digest> lanes = new LinkedHashSet<>();
        for (Json lane : json.array("lanes")) {
            lanes.add(Digest.parse(lane.asString("lane")));
        }
        return new WorkerNotice(
                json.string("worker"),
                lanes,
                (int) json.integer("slots", 0, 1_000_000),
                Limits.fromJson(json.object("limits")),
                json.object("caps"));
    }
}
