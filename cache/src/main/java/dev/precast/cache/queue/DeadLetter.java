package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * A request that workers gave up.
 *
 * @param key the key of the requested artifact
 * @param reason why workers gave up, in words for people
 * @param attempts number of child processes that workers started for the request, at least 1
 * @param at when workers gave up, in whole seconds
 */
public record DeadLetter(ArtifactKey key, String reason, int attempts, Instant at) {
    private static final Set<String> MEMBERS = Set.of("key", "reason", "attempts", "at");

    /**
     * Truncates the time to whole seconds, as the JSON form contains it.
     *
     * @throws IllegalArgumentException if there was no attempt
     */
    public DeadLetter {
        at = at.truncatedTo(ChronoUnit.SECONDS);
        if (attempts < 1) {
            throw new IllegalArgumentException("dead letter: expected at least 1 attempt, found " + attempts);
        }
    }

    /** The JSON form. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("key", KeyJson.write(key))
                .with("reason", reason)
                .with("attempts", attempts)
                .with("at", at.toString());
    }

    /**
     * Reads the JSON form.
     *
     * @throws IllegalArgumentException if a member is missing, unknown or has the wrong form
     * @throws java.time.DateTimeException if the time is malformed
     */
    public static DeadLetter fromJson(JsonObject json) {
        json.only("dead letter", MEMBERS);
        return new DeadLetter(
                KeyJson.read(json.object("key")),
                json.string("reason"),
                (int) json.integer("attempts", 1, Integer.MAX_VALUE),
                Instant.parse(json.string("at")));
    }
}
