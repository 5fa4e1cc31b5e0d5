package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.DeadLetters;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import io.nats.client.PurgeOptions;
import io.nats.client.RequestFailureException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Dead letters in a separate stream, {@code {"v":1,"letter":{…}}} under {@code precast.dead.<lane>.<module>}, for 30
 * days. Creates the stream if it is missing.
 *
 * <p>Thread safe.
 */
public final class JetStreamDeadLetters implements DeadLetters {
    private static final System.Logger LOG = System.getLogger(JetStreamDeadLetters.class.getName());
    private static final long VERSION = 1;

    private final NatsLink link;
    private final QueueConfig config;

    public JetStreamDeadLetters(NatsLink link, QueueConfig config) {
        this.link = link;
        this.config = config;
    }

    @Override
    public void add(DeadLetter letter) {
        byte[] body = JsonObject.EMPTY
                .with("v", VERSION)
                .with("letter", letter.toJson())
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        String subject = Subjects.dead(letter.key());
        link.call("dead letter of " + letter.key(), (stream, management) -> {
            try {
                return stream.publish(subject, body);
            } catch (RequestFailureException e) {
                throw e;
            } catch (IOException e) {
                // No answer: the stream is missing.
                Streams.make(management, Streams.dead(), config);
                return stream.publish(subject, body);
            }
        });
    }

    @Override
    public List<DeadLetter> list(int atMost) {
        return link.call("dead letters", (stream, management) -> {
            List<DeadLetter> letters = new ArrayList<>();
            long from = 1;
            while (letters.size() < atMost) {
                long next = from;
                Optional<MessageInfo> message =
                        Streams.orMissing(() -> management.getNextMessage(Streams.DEAD, next, Subjects.DEAD));
                if (message.isEmpty()) {
                    return letters;
                }
                read(message.get()).ifPresent(letters::add);
                from = message.get().getSeq() + 1;
            }
            return letters;
        });
    }

    private static Optional<DeadLetter> read(MessageInfo message) {
        try {
            byte[] body = message.getData();
            JsonObject json = Json.parse(body == null ? new byte[0] : body).asObject("dead letter");
            json.integer("v", VERSION, VERSION);
            return Optional.of(DeadLetter.fromJson(json.object("letter")));
        } catch (IllegalArgumentException | DateTimeException e) {
            LOG.log(
                    Level.WARNING,
                    "dead letter under " + message.getSubject() + ": malformed, ignored: " + e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public boolean remove(ArtifactKey key) {
        PurgeOptions one = PurgeOptions.subject(Subjects.dead(key));
        return link.call(
                "dead letter of " + key,
                (stream, management) -> Streams.orMissing(() -> management.purgeStream(Streams.DEAD, one))
                        .filter(purged -> purged.getPurged() > 0)
                        .isPresent());
    }
}
