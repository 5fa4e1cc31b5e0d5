package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.RequestFailureException;
import io.nats.client.RequestFailureMessage;
import io.nats.client.RequestFailureReason;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection to NATS, which reconnects without limit. Calls fail at once while the connection is down, and for one
 * second after a request that got no answer.
 *
 * <p>Thread safe.
 */
public final class NatsLink implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsLink.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(1);

    private final NatsConfig config;
    private final JetStreamOptions options;
    private final List<Consumer<Connection>> users = new CopyOnWriteArrayList<>();
    private volatile Connection connection;
    private volatile long silentUntil = System.nanoTime();
    private volatile boolean closed;

    private NatsLink(NatsConfig config, Connection connection) {
        this.config = config;
        this.options = JetStreamOptions.builder()
                .requestTimeout(config.timeout())
                .domain(config.domain().orElse(null))
                .build();
        this.connection = connection;
    }

    /**
     * Connects; retries for {@code config.times().connect()}.
     *
     * @throws QueueUnavailableException if the connection fails within this time, or the login is refused
     * @throws IllegalArgumentException if a file that {@code config} names cannot be used
     */
    public static NatsLink open(NatsConfig config) throws InterruptedException {
        long end = System.nanoTime() + config.times().connect().toNanos();
        while (true) {
            try {
                NatsLink link = new NatsLink(config, Nats.connect(NatsOptions.of(config)));
                link.watch(link.connection);
                return link;
            } catch (AuthenticationException e) {
                throw new QueueUnavailableException(
                        "NATS at " + config.servers() + ": login refused for " + config.login() + ": " + e.getMessage(),
                        e);
            } catch (IOException e) {
                if (System.nanoTime() - end >= 0) {
                    throw new QueueUnavailableException(
                            "NATS at " + config.servers() + ": cannot connect: " + e.getMessage(), e);
                }
            }
            pause();
        }
    }

    /** Calls {@code user} with the connection now and with each later connection that replaces it. */
    void use(Consumer<Connection> user) {
        users.add(user);
        user.accept(connection);
    }

    /** Stops calling {@code user}. */
    void leave(Consumer<Connection> user) {
        users.remove(user);
    }

    /** The connection, which may be down. */
    Connection connection() {
        return connection;
    }

    NatsConfig config() {
        return config;
    }

    /** The settings of all requests to JetStream: the domain and the timeout. */
    JetStreamOptions options() {
        return options;
    }

    /** Whether the connection is up, as far as this process knows. */
    public boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    /** Why calls fail at once now; empty if they may succeed. */
    public Optional<String> problem() {
        try {
            connected();
            return Optional.empty();
        } catch (QueueUnavailableException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** A sequence of requests to JetStream. */
    interface Call<T> {
        T run(JetStream stream, JetStreamManagement management)
                throws IOException, JetStreamApiException, InterruptedException;
    }

    /**
     * Runs {@code call}.
     *
     * @param what subject of the messages of exceptions
     * @throws QueueUnavailableException if the connection is down, or {@code call} fails
     */
    <T> T call(String what, Call<T> call) {
        Connection now = connected();
        try {
            return call.run(now.jetStream(options), now.jetStreamManagement(options));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueueUnavailableException(what + ": interrupted", e);
        } catch (RequestFailureException e) {
            if (e.getReason() == RequestFailureReason.TIMEOUT) {
                silentUntil = System.nanoTime() + SILENCE;
            }
            throw new QueueUnavailableException(what + ": " + why(e), e);
        } catch (IOException | JetStreamApiException | IllegalStateException e) {
            throw new QueueUnavailableException(what + ": " + e.getMessage(), e);
        }
    }

    /**
     * Sends a request and waits for one reply; empty if no answer comes in time. JetStream does not answer requests
     * about objects that do not exist.
     *
     * @throws QueueUnavailableException if the connection is down or lost
     */
    Optional<Message> request(String subject, byte[] body) {
        return call(subject, (stream, management) -> {
            Message reply = connection.request(subject, body, config.timeout());
            if (!(reply instanceof RequestFailureMessage failure)) {
                return Optional.ofNullable(reply);
            }
            return switch (failure.getReason()) {
                case NO_RESPONDERS, TIMEOUT -> Optional.empty();
                case CONNECTION_CLOSING, SERVER_ERROR, CANCELLED -> throw new RequestFailureException(failure);
            };
        });
    }

    /** Publishes without waiting. */
    void send(String subject, byte[] body) {
        send(subject, null, body);
    }

    /** Publishes with headers, without waiting. */
    void send(String subject, @Nullable Headers headers, byte[] body) {
        try {
            connected().publish(subject, headers, body);
        } catch (IllegalStateException e) {
            throw new QueueUnavailableException(subject + ": " + e.getMessage(), e);
        }
    }

    /**
     * Waits until the server knows the subscriptions, so that later messages arrive. If the connection is down, the
     * reconnect renews them.
     */
    void settle(Connection on, String what) {
        try {
            on.flush(config.timeout());
        } catch (TimeoutException e) {
            LOG.log(Level.DEBUG, what + ": not confirmed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The connection. Fails if it is down. */
    Connection connected() {
        Connection now = connection;
        if (now.getStatus() != Connection.Status.CONNECTED) {
            throw unavailable("is " + now.getStatus().name().toLowerCase(Locale.ROOT));
        }
        if (System.nanoTime() - silentUntil < 0) {
            throw unavailable("did not answer within " + config.timeout());
        }
        return now;
    }

    private QueueUnavailableException unavailable(String why) {
        String message = "NATS at " + config.servers() + " " + why;
        return new QueueUnavailableException(message, new IOException(message));
    }

    private String why(RequestFailureException failure) {
        return switch (failure.getReason()) {
            case TIMEOUT -> "no answer within " + config.timeout();
            case CONNECTION_CLOSING -> "the connection was lost";
            case NO_RESPONDERS -> "no answer; check that JetStream is enabled";
            case SERVER_ERROR -> String.valueOf(failure.getLastError());
            case CANCELLED -> "cancelled";
        };
    }

    private void watch(Connection watched) {
        watched.addConnectionListener((which, event) -> {
            if (event == ConnectionListener.Events.CLOSED && !closed) {
                Thread.ofVirtual().name("precast-nats-reopen").start(this::reopen);
            }
        });
    }

    /**
     * Connects again after the library gave up because a login was refused twice. The credentials may become valid
     * again, or their file may be replaced.
     */
    private void reopen() {
        try {
            while (!closed) {
                pause();
                try {
                    adopt(Nats.connect(NatsOptions.of(config)));
                    return;
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "NATS at " + config.servers() + ": cannot connect: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void adopt(Connection fresh) throws InterruptedException {
        connection = fresh;
        watch(fresh);
        for (Consumer<Connection> user : users) {
            try {
                user.accept(fresh);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "NATS: reconnected, but a subscription failed: " + e.getMessage(), e);
            }
        }
        if (closed) {
            fresh.close();
        }
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(PAUSE.plusMillis(ThreadLocalRandom.current().nextLong(PAUSE.toMillis())));
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        connection.close();
    }
}
