package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyJson;
import io.nats.client.Message;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Events on NATS, {@code {"v":1,"event":"compiled","key":{…}}} under {@code precast.events.<lane>.<module>}. Events
 * that are published while the connection is down are lost.
 *
 * <p>Thread safe.
 */
public final class NatsEvents implements CompileEvents {
    private static final System.Logger LOG = System.getLogger(NatsEvents.class.getName());
    private static final long VERSION = 1;
    private static final Set<String> MEMBERS = Set.of("v", "event", "key");

    private final NatsLink link;

    public NatsEvents(NatsLink link) {
        this.link = link;
    }

    @Override
    public void publish(CompileEvent event) {
        byte[] body = JsonObject.EMPTY
                .with("v", VERSION)
                .with("event", event.kind().name().toLowerCase(Locale.ROOT))
                .with("key", KeyJson.write(event.key()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        try {
            link.send(Subjects.event(event.key()), body);
        } catch (QueueUnavailableException e) {
            LOG.log(Level.DEBUG, "event not published: " + e.getMessage());
        }
    }

    @Override
    public Subscription subscribe(Consumer<CompileEvent> listener) {
        Listening listening =
                new Listening(link, Subjects.EVENTS, message -> read(message).ifPresent(listener));
        return listening::close;
    }

    /** Reads an event, which any client may have sent; empty if it is malformed or has another version. */
    private static Optional<CompileEvent> read(Message message) {
        try {
            JsonObject json = Json.parse(message.getData()).asObject("event").only("event", MEMBERS);
            json.integer("v", VERSION, VERSION);
            ArtifactKey key = KeyJson.read(json.object("key"));
            String kind = json.string("event").toUpperCase(Locale.ROOT);
            return Optional.of(new CompileEvent(key, CompileEvent.Kind.valueOf(kind)));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "event under " + message.getSubject() + ": malformed, ignored: " + e.getMessage());
            return Optional.empty();
        }
    }
}
