package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.PurgeOptions;
import io.nats.client.RequestFailureException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The queue of a fleet: a work-queue stream, which holds at most one message per key and priority, and a pull consumer
 * for each priority of a lane. Creates missing streams and consumers. See {@code docs/explanation/nats.md}.
 *
 * <p>Thread safe.
 */
public final class JetStreamQueue implements CompileQueue {
    private static final System.Logger LOG = System.getLogger(JetStreamQueue.class.getName());

    private static final int ROUNDS = 3;

    /** Mean pause after a round of polls without a message. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
    /** Mean delay until NATS redelivers a request whose key is leased. */
    private static final Duration TWIN_DELAY = Duration.ofSeconds(2);
    /** Delay until NATS redelivers a message of a newer version. */
    private static final Duration NEWER_DELAY = Duration.ofMinutes(1);

    private final NatsLink link;
    private final QueueConfig config;
    private final Leases leases;
    /** Consumers that are known to exist. */
    private final Set<String> consumers = ConcurrentHashMap.newKeySet();

    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean made;

    public JetStreamQueue(NatsLink link, QueueConfig config) {
        this.link = link;
        this.config = config;
        this.leases = new Leases(link, config);
    }

    @Override
    public Enqueued enqueue(CompileRequest request) {
        ArtifactKey key = request.key();
        String subject = Subjects.request(key, request.priority());
        return link.call("enqueueing " + key, (stream, management) -> {
            if (!made) {
                Streams.makeRequests(management, config);
                made = true;
            }
            // If the stream refuses a key that the queue does not hold, either the request was just answered, or
            // the stream is full. Try again.
            for (int round = 0; round < ROUNDS; round++) {
                Optional<Long> sequence = publish(stream, management, subject, RequestMessage.write(key));
                if (sequence.isPresent()) {
                    return settle(management, request, sequence.get());
                }
                if (find(management, Subjects.requests(key)).isPresent()) {
                    return Enqueued.ALREADY_QUEUED;
                }
            }
            return Enqueued.FULL;
        });
    }

    /** Publishes the request. Returns the sequence number; empty if the stream refused it. */
    private Optional<Long> publish(JetStream stream, JetStreamManagement management, String subject, byte[] body)
            throws IOException, JetStreamApiException {
        try {
            try {
                return Optional.of(stream.publish(subject, body).getSeqno());
            } catch (RequestFailureException e) {
                throw e;
            } catch (IOException e) {
                // No answer: the stream is missing.
                Streams.makeRequests(management, config);
                return Optional.of(stream.publish(subject, body).getSeqno());
            }
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == Streams.NOT_STORED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Keeps one message of a key that was requested as hot and as warm: the hot one, unless the warm one is in
     * progress. Each caller publishes before it looks, so at least one of two concurrent callers sees the other's
     * message.
     */
    private Enqueued settle(JetStreamManagement management, CompileRequest request, long mine)
            throws IOException, JetStreamApiException {
        boolean hot = request.priority() == Priority.HOT;
        String other = Subjects.request(request.key(), hot ? Priority.WARM : Priority.HOT);
        Optional<MessageInfo> twin = find(management, other);
        if (twin.isEmpty()) {
            return Enqueued.QUEUED;
        }
        boolean mineStays = hot && !leases.isHeld(request.key(), Priority.WARM);
        long goes = mineStays ? twin.get().getSeq() : mine;
        Streams.orMissing(() -> management.deleteMessage(Streams.REQUESTS, goes, false));
        return Enqueued.ALREADY_QUEUED;
    }

    private static Optional<MessageInfo> find(JetStreamManagement management, String subject)
            throws IOException, JetStreamApiException {
        return Streams.orMissing(() -> management.getFirstMessage(Streams.REQUESTS, subject));
    }

    @Override
    public boolean holds(ArtifactKey key) {
        return link.call(
                "finding " + key,
                (stream, management) -> find(management, Subjects.requests(key)).isPresent());
    }

    @Override
    public Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        List<LaneId> inTurn = new ArrayList<>(lanes);
        Collections.rotate(inTurn, turn.getAndIncrement());
        try (Pull pull = new Pull(link)) {
            while (true) {
                for (Priority priority : Priority.values()) {
                    for (LaneId lane : inTurn) {
                        Optional<Delivery> delivery = poll(pull, lane, priority);
                        if (delivery.isPresent()) {
                            return delivery;
                        }
                    }
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                Thread.sleep(
                        Duration.ofNanos(Math.min(left, jittered(POLL_INTERVAL).toNanos())));
            }
        } catch (QueueUnavailableException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(e.getMessage());
            }
            throw e;
        }
    }

    /** Fetches one message at a time, so that a worker slot never holds a message that it does not work on. */
    private Optional<Delivery> poll(Pull pull, LaneId lane, Priority priority) throws InterruptedException {
        String consumer = Subjects.consumer(lane, priority);
        if (!consumers.contains(consumer) && !makeConsumer(lane, priority)) {
            return Optional.empty();
        }
        while (true) {
            switch (pull.one(consumer)) {
                case Pull.Got got -> {
                    Optional<Delivery> delivery = accept(got.message());
                    if (delivery.isPresent()) {
                        return delivery;
                    }
                }
                case Pull.Nothing nothing -> {
                    return Optional.empty();
                }
                case Pull.Silence silence -> {
                    // This consumer and others may be missing. If NATS does not answer at all, makeConsumer throws.
                    consumers.clear();
                    makeConsumer(lane, priority);
                    return Optional.empty();
                }
            }
        }
    }

    /** Creates the consumer; false if there is no stream: the next request creates the stream. */
    private boolean makeConsumer(LaneId lane, Priority priority) {
        boolean there = link.call(
                "consumer of " + lane,
                (stream, management) -> Streams.makeConsumer(management, lane, priority, config));
        if (there) {
            consumers.add(Subjects.consumer(lane, priority));
        }
        return there;
    }

    private Optional<Delivery> accept(Message message) {
        return switch (RequestMessage.read(message.getSubject(), message.getData())) {
            case RequestMessage.Known known -> {
                CompileRequest request = known.request();
                Optional<Leases.Lease> lease = leases.take(request.key(), request.priority());
                if (lease.isEmpty()) {
                    Acks.nak(link, message, jittered(TWIN_DELAY));
                }
                yield lease.map(mine -> new JetStreamDelivery(link, message, request, mine, config.ackWait()));
            }
            case RequestMessage.Newer newer -> {
                LOG.log(
                        Level.WARNING,
                        "request of version " + newer.version() + ": returned to the queue for a newer worker "
                                + "(expected version " + RequestMessage.VERSION + ")");
                Acks.nak(link, message, NEWER_DELAY);
                yield Optional.empty();
            }
            case RequestMessage.Malformed malformed -> {
                LOG.log(
                        Level.WARNING,
                        "request under " + message.getSubject() + ": malformed, dropped: " + malformed.why());
                Acks.term(link, message);
                yield Optional.empty();
            }
        };
    }

    /**
     * Number of requests in the queue, waiting and in progress. Reads the stream, for which the NATS role
     * {@code worker} has no permission.
     *
     * @throws QueueUnavailableException if the connection is down, or NATS does not answer
     */
    public long depth() {
        return link.call(
                "depth of the queue",
                (stream, management) -> Streams.orMissing(() -> management
                                .getStreamInfo(Streams.REQUESTS)
                                .getStreamState()
                                .getMsgCount())
                        .orElse(0L));
    }

    /** Deletes all requests and both consumers of a lane. Call this only for a lane that no worker serves. */
    public void retire(LaneId lane) {
        link.call("retiring " + lane, (stream, management) -> {
            String subjects = Subjects.requests(lane);
            Streams.orMissing(() -> management.purgeStream(Streams.REQUESTS, PurgeOptions.subject(subjects)));
            for (Priority priority : Priority.values()) {
                String consumer = Subjects.consumer(lane, priority);
                Streams.orMissing(() -> management.deleteConsumer(Streams.REQUESTS, consumer));
                consumers.remove(consumer);
            }
            return lane;
        });
    }

    private static Duration jittered(Duration about) {
        long half = about.toMillis() / 2;
        return Duration.ofMillis(half + ThreadLocalRandom.current().nextLong(about.toMillis()));
    }
}
