package dev.precast.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription that is renewed after a reconnect. Calls the handler for one message at a time. */
final class Listening implements AutoCloseable {
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
        Dispatcher fresh = on.createDispatcher(handler);
        fresh.subscribe(subject);
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
