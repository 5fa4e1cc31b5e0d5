package dev.precast.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription that is renewed after a reconnect. Calls the handler for one message at a time. */
final class Listening implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listening.class.getName());

    private final NatsLink link;
    private final String subject;
    private final MessageHandler handler;
    private final Consumer<Connection> start = this::start;
    private @Nullable Dispatcher dispatcher;
    private @Nullable Connection connection;

    Listening(NatsLink link, String subject, MessageHandler handler) {
        this.link = link;
        this.subject = subject;
        this.handler = handler;
        link.use(start);
    }

    private synchronized void start(Connection on) {
        Dispatcher fresh;
        try {
            fresh = on.createDispatcher(handler);
            fresh.subscribe(subject);
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "subscribing to " + subject + ": " + e.getMessage() + "; the link opens another one");
            return;
        }
        dispatcher = fresh;
        connection = on;
        link.settle(on, "subscribing to " + subject);
    }

    @Override
    public synchronized void close() {
        link.leave(start);
        if (dispatcher != null && connection != null && connection.getStatus() != Connection.Status.CLOSED) {
            connection.closeDispatcher(dispatcher);
        }
        dispatcher = null;
    }
}
