package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.support.Status;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one message from a consumer without waiting. Uses its own inbox, because the messages of a consumer keep
 * their subjects in the stream, and the library's request method cannot match such a message to its request.
 */
final class Pull implements AutoCloseable {
    private static final byte[] ONE_NOW = "{\"batch\":1,\"no_wait\":true}".getBytes(StandardCharsets.US_ASCII);
    private static final int NO_MESSAGES = 404;
    private static final int NO_RESPONDERS = 503;

    private static final System.Logger LOG = System.getLogger(Pull.class.getName());

    private final NatsLink link;
    private @Nullable Inbox inbox;

    private record Inbox(Connection connection, String name, Subscription answers) {}

    Pull(NatsLink link) {
        this.link = link;
    }

    /** The reply of a consumer. */
    sealed interface Reply {}

    /** @param message not yet acked */
    record Got(Message message) implements Reply {}

    /** The consumer has no message to deliver. */
    record Nothing() implements Reply {}

    /** There was no answer: the consumer does not exist, or NATS is slow. */
    record Silence() implements Reply {}

    /** @throws QueueUnavailableException if the connection is down */
    Reply one(Source source) throws InterruptedException {
        try {
            Inbox mine = inbox(link.connected());
            mine.connection.publish(source.next(link.options()), mine.name, ONE_NOW);
            Message reply = mine.answers.nextMessage(link.config().timeout());
            if (reply == null) {
                // Ignore a late message; NATS delivers it again after the ack wait.
                close();
                return new Silence();
            }
            if (reply.isStatusMessage()) {
                return status(source.consumer(), reply.getStatus());
            }
            return new Got(reply);
        } catch (IllegalStateException e) {
            throw new QueueUnavailableException("consumer " + source.consumer() + ": " + e.getMessage(), e);
        }
    }

    private static Reply status(String consumer, Status status) {
        return switch (status.getCode()) {
            case NO_RESPONDERS -> new Silence();
            case NO_MESSAGES -> new Nothing();
            default -> {
                LOG.log(Level.DEBUG, "consumer " + consumer + ": " + status.getMessageWithCode());
                yield new Nothing();
            }
        };
    }

    private Inbox inbox(Connection connection) {
        Inbox known = inbox;
        if (known == null || !known.connection.equals(connection)) {
            String name = connection.createInbox();
            known = new Inbox(connection, name, connection.subscribe(name));
            inbox = known;
        }
        return known;
    }

    @Override
    public void close() {
        Inbox known = inbox;
        inbox = null;
        if (known != null && known.answers.isActive()) {
            known.answers.unsubscribe();
        }
    }
}
