package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits at several consumers for one message. Each consumer has an open pull, which the server answers when it has a
 * message, or when the pull expires.
 *
 * <p>Pulls cannot be cancelled: a server that finds no subscriber for a message that it has just taken from a consumer
 * drops the message, which then waits for the end of its ack wait. So the pulls stay open when a thread has its message,
 * for the next call of {@link #await}. A message that comes while no thread waits is nak'ed at once, so that another
 * worker gets it.
 *
 * <p>Thread safe, but only one thread at a time may wait.
 */
final class LongPull {
    private static final System.Logger LOG = System.getLogger(LongPull.class.getName());

    /** Time until a pull expires: the shorter, the sooner a worker detects a pull that a server has forgotten. */
    private static final Duration EXPIRES = Duration.ofSeconds(15);
    /** Least time until a pull expires, for each consumer: limits the messages of a slot that waits. */
    private static final Duration EXPIRES_EACH = Duration.ofSeconds(3);
    /** Longest time that a message waits for the next call of {@link #await}, after one that ended without a message. */
    private static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Time between two checks of the connection. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Duration CHECK = Duration.ofNanos(CHECK_NANOS);

    private static final int NO_MESSAGES = 404;
    private static final int EXPIRED = 408;

    private final NatsLink link;
    private final List<Source> sources;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Connection connection;
    private final long reconnects;
    private final Duration expires;
    private final String inbox;
    private final Subscription answers;
    /** Times at which the open pulls were sent; 0 for a consumer without an open pull. */
    private final long[] openSince;

    private @Nullable Message message;
    private boolean waiting;
    private boolean failed;
    private boolean over;
    /** Until when a message waits although no thread does. */
    private long holdUntil = System.nanoTime();

    LongPull(NatsLink link, List<Source> sources) {
        this.link = link;
        this.sources = sources;
        for (int i = 0; i < sources.size(); i++) {
            numbers.put(name(sources.get(i).layout().stream(), sources.get(i).consumer()), i);
        }
        this.connection = link.connected();
        this.reconnects = connection.getStatistics().getReconnects();
        Duration each = EXPIRES_EACH.multipliedBy(sources.size());
        this.expires = each.compareTo(EXPIRES) > 0 ? each : EXPIRES;
        this.inbox = connection.createInbox();
        this.openSince = new long[sources.size()];
        this.answers = connection.subscribe(inbox + ".*");
        Thread.ofVirtual().name("precast-pull").start(this::read);
    }

    private static String name(String stream, String consumer) {
        return stream + " " + consumer;
    }

    /** The consumers at which this object waits. */
    List<Source> sources() {
        return sources;
    }

    /** Whether the pull at a consumer is open, so that the consumer has no message. */
    synchronized boolean isOpen(Source source) {
        return openSince[sources.indexOf(source)] != 0;
    }

    /** The result of {@link #await}. */
    sealed interface Result {}

    /** @param message not yet acked */
    record Got(Message message) implements Result {}

    /** No message came in time. */
    record Nothing() implements Result {}

    /** A consumer does not answer, or the connection was lost. End this object. */
    record Lost() implements Result {}

    /**
     * Waits for a message. Opens the pulls that are not open.
     *
     * @param end time of {@link System#nanoTime} to wait for
     */
    synchronized Result await(long end) throws InterruptedException {
        waiting = true;
        notifyAll();
        try {
            for (int i = 0; i < openSince.length; i++) {
                if (openSince[i] == 0) {
                    pull(i);
                }
            }
            while (true) {
                Message got = message;
                if (got != null) {
                    message = null;
                    return new Got(got);
                }
                if (isLost()) {
                    return new Lost();
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    holdUntil = System.nanoTime() + HOLD_NANOS;
                    return new Nothing();
                }
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, CHECK_NANOS));
            }
        } finally {
            waiting = false;
            Message late = message;
            message = null;
            if (late != null) {
                giveBack(late);
            }
        }
    }

    /** Whether a consumer does not answer, or the connection was lost. */
    synchronized boolean isLost() {
        long silent = System.nanoTime() - expires.plus(link.config().timeout()).toNanos();
        return failed
                || over
                || !connection.equals(link.connection())
                || connection.getStatus() != Connection.Status.CONNECTED
                || connection.getStatistics().getReconnects() != reconnects
                || Arrays.stream(openSince).anyMatch(since -> since != 0 && since - silent < 0);
    }

    private void pull(int number) {
        long now = System.nanoTime();
        openSince[number] = now == 0 ? 1 : now;
        String body = "{\"batch\":1,\"expires\":" + expires.toNanos() + "}";
        connection.publish(
                sources.get(number).next(link.options()),
                inbox + "." + number,
                body.getBytes(StandardCharsets.US_ASCII));
    }

    private void read() {
        try {
            while (!isDone()) {
                Message next = answers.nextMessage(CHECK);
                if (next != null) {
                    hear(next);
                }
            }
            answers.unsubscribe();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "pulls ended with their connection: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this pull has been ended and each of its requests to the server was answered or has expired. */
    private synchronized boolean isDone() {
        long silent = System.nanoTime() - expires.plus(link.config().timeout()).toNanos();
        return over && Arrays.stream(openSince).allMatch(since -> since == 0 || since - silent < 0);
    }

    private synchronized void hear(Message next) throws InterruptedException {
        if (next.isStatusMessage()) {
            hearStatus(next);
            return;
        }
        NatsJetStreamMetaData data = next.metaData();
        Integer number = numbers.get(name(data.getStream(), data.getConsumer()));
        if (number != null) {
            openSince[number] = 0;
        }
        long left = holdUntil - System.nanoTime();
        while (!waiting && !over && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = holdUntil - System.nanoTime();
        }
        if (waiting && message == null) {
            message = next;
            notifyAll();
        } else {
            giveBack(next);
        }
    }

    private void giveBack(Message unwanted) {
        try {
            Acks.nak(link, unwanted, Duration.ZERO);
        } catch (QueueUnavailableException e) {
            LOG.log(Level.DEBUG, "nak not sent, the ack wait will end: " + e.getMessage());
        }
    }

    private void hearStatus(Message status) {
        int number = Integer.parseInt(status.getSubject().substring(inbox.length() + 1));
        int code = status.getStatus().getCode();
        openSince[number] = 0;
        if (code != EXPIRED && code != NO_MESSAGES) {
            failed = true;
            notifyAll();
        } else if (waiting) {
            pull(number);
        }
    }

    /** Opens no more pulls. The open ones are answered until they expire. */
    synchronized void end() {
        over = true;
    }
}
