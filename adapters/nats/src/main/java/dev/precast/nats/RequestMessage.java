package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyJson;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The form of a request in its stream: {@code {"v":1,"key":{…}}}; the priority stands in the subject. */
sealed interface RequestMessage {
    /** The version that is written. */
    long VERSION = 1;

    /** One that is understood. */
    record Known(CompileRequest request) implements RequestMessage {}

    /** One of a version that others understand. */
    record Newer(long version) implements RequestMessage {}

    /** One that nobody understands. */
    record Malformed(String why) implements RequestMessage {}

    static byte[] write(ArtifactKey key) {
        return JsonObject.EMPTY
                .with("v", VERSION)
                .with("key", KeyJson.write(key))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    static RequestMessage read(String subject, byte[] body) {
        try {
            JsonObject json = Json.parse(body).asObject("request");
            long version = json.integer("v", 1, Integer.MAX_VALUE);
            if (version != VERSION) {
                return new Newer(version);
            }
            ArtifactKey key =
                    KeyJson.read(json.only("request", Set.of("v", "key")).object("key"));
            for (Priority priority : Priority.values()) {
                if (Subjects.request(key, priority).equals(subject)) {
                    return new Known(new CompileRequest(key, priority));
                }
            }
            return new Malformed("it is about " + key + ", which its subject is not");
        } catch (IllegalArgumentException e) {
            return new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
