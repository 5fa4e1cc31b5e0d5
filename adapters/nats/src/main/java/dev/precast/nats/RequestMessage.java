package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyJson;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The form of a request in its stream: {@code {"v":1,"key":{…}}}; the priority is in the subject. */
sealed interface RequestMessage {
    /** The version that this process writes. */
    long VERSION = 1;

    /** A request of a supported version. */
    record Known(CompileRequest request) implements RequestMessage {}

    /** A request of a newer version, which only newer workers support. */
    record Newer(long version) implements RequestMessage {}

    /** A malformed request. */
    record Malformed(String why) implements RequestMessage {}

    static byte[] write(ArtifactKey key) {
        return JsonObject.EMPTY
                .with("v", VERSION)
                .with("key", KeyJson.write(key))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** @param layout the stream that holds the request */
    static RequestMessage read(QueueLayout layout, String subject, byte[] body) {
        try {
            JsonObject json = Json.parse(body).asObject("request");
            long version = json.integer("v", 1, Integer.MAX_VALUE);
            if (version != VERSION) {
                return new Newer(version);
            }
            ArtifactKey key =
                    KeyJson.read(json.only("request", Set.of("v", "key")).object("key"));
            for (Priority priority : layout.priorities()) {
                if (layout.request(key, priority).equals(subject)) {
                    return new Known(new CompileRequest(key, priority));
                }
            }
            return new Malformed("the subject does not belong to the key in the body: " + key);
        } catch (IllegalArgumentException e) {
            return new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
