package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.LaneBacklog;
import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.Message;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The queue of a fleet: a stream, which holds at most one message per key and priority, and pull consumers, which all
 * workers with the same lanes share. Creates missing streams and consumers. Works together with older versions, whose
 * requests are in another stream. See {@code docs/explanation/nats.md}.
 *
 * <p>Thread safe.
 */
public final class JetStreamQueue implements CompileQueue {
    private static final System.Logger LOG = System.getLogger(JetStreamQueue.class.getName());

    /** Mean pause after a consumer was lost, and while there is no stream. */
    private static final Duration LOST_PAUSE = Duration.ofMillis(200);
    /** Mean delay until NATS first redelivers a request whose key is leased. Doubles with each delivery. */
    private static final Duration TWIN_DELAY = Duration.ofSeconds(2);

    private static final int MOST_DOUBLINGS = 2;
    /** Delay until NATS redelivers a message of a newer version. */
    private static final Duration NEWER_DELAY = Duration.ofMinutes(1);

    private final NatsLink link;
    private final QueueConfig config;
    private final Predicate<LaneId> older;
    private final Leases leases;
    private final Sources sources;
    private final Map<QueueLayout, Requests> streams = new EnumMap<>(QueueLayout.class);
    /** Open pulls of slots that do not wait now. */
    private final ConcurrentLinkedDeque<LongPull> idle = new ConcurrentLinkedDeque<>();

    /** The queue of a fleet without workers of older versions. */
    public JetStreamQueue(NatsLink link, QueueConfig config) {
        this(link, config, lane -> false);
    }

    /** @param older whether requests of a lane must be where older workers take them; see {@link NatsWorkers#hasOlder} */
    public JetStreamQueue(NatsLink link, QueueConfig config, Predicate<LaneId> older) {
        this.link = link;
        this.config = config;
        this.older = older;
        this.leases = new Leases(link, config);
        this.sources = new Sources(link, config);
        for (QueueLayout layout : QueueLayout.values()) {
            streams.put(layout, new Requests(link, config, layout, leases));
        }
    }

    private Requests in(QueueLayout layout) {
        return Objects.requireNonNull(streams.get(layout));
    }

    @Override
    public Enqueued enqueue(CompileRequest request) {
        Requests current = in(QueueLayout.BY_WORKER);
        Requests old = in(QueueLayout.BY_LANE);
        if (!old.exists()) {
            return current.enqueue(request);
        }
        boolean toOlder = older.test(request.key().lane());
        return (toOlder ? current : old).holds(request.key())
                ? Enqueued.ALREADY_QUEUED
                : (toOlder ? old : current).enqueue(request);
    }

    @Override
    public boolean holds(ArtifactKey key) {
        return in(QueueLayout.BY_WORKER).holds(key)
                || (in(QueueLayout.BY_LANE).exists() && in(QueueLayout.BY_LANE).holds(key));
    }

    @Override
    public Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long end = System.nanoTime() + wait.toNanos();
        try {
            while (true) {
                link.connected();
                List<Source> from = sources.of(lanes);
                if (!from.isEmpty()) {
                    Optional<Delivery> delivery = take(open(from), end);
                    if (delivery.isPresent()) {
                        return delivery;
                    }
                }
                if (System.nanoTime() - end >= 0) {
                    return Optional.empty();
                }
                pause(end);
            }
        } catch (QueueUnavailableException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(e.getMessage());
            }
            throw e;
        }
    }

    /** Pulls at these consumers that no slot uses now. */
    private LongPull open(List<Source> from) {
        LongPull open = idle.poll();
        while (open != null) {
            if (!open.isLost() && open.sources().equals(from)) {
                return open;
            }
            open.end();
            open = idle.poll();
        }
        return new LongPull(link, from);
    }

    /** Takes a request; empty if none came in time, or a consumer was lost. */
    private Optional<Delivery> take(LongPull pulls, long end) throws InterruptedException {
        boolean kept = false;
        try {
            Optional<Delivery> delivery = poll(pulls);
            while (delivery.isEmpty() && System.nanoTime() - end < 0) {
                switch (pulls.await(end)) {
                    case LongPull.Got got -> delivery = accept(got.message());
                    case LongPull.Nothing nothing -> {}
                    case LongPull.Lost lost -> {
                        sources.forget(pulls.sources());
                        return Optional.empty();
                    }
                }
            }
            idle.push(pulls);
            kept = true;
            return delivery;
        } finally {
            if (!kept) {
                pulls.end();
            }
        }
    }

    private static void pause(long end) throws InterruptedException {
        long left = Math.max(0, end - System.nanoTime());
        TimeUnit.NANOSECONDS.sleep(Math.min(left, jittered(LOST_PAUSE).toNanos()));
    }

    /**
     * Fetches one message at a time, the most urgent first, so that a slot holds no message that it does not work on.
     * Skips consumers with an open pull.
     */
    private Optional<Delivery> poll(LongPull open) throws InterruptedException {
        try (Pull pull = new Pull(link)) {
            for (Source source : open.sources()) {
                Pull.Reply reply = open.isOpen(source) ? new Pull.Nothing() : pull.one(source);
                while (reply instanceof Pull.Got got) {
                    Optional<Delivery> delivery = accept(got.message());
                    if (delivery.isPresent()) {
                        return delivery;
                    }
                    reply = pull.one(source);
                }
                if (reply instanceof Pull.Silence) {
                    sources.forget(List.of(source));
                }
            }
            return Optional.empty();
        }
    }

    private Optional<Delivery> accept(Message message) {
        QueueLayout layout =
                QueueLayout.ofStream(message.metaData().getStream()).orElseThrow();
        return switch (RequestMessage.read(layout, message.getSubject(), message.getData())) {
            case RequestMessage.Known known -> {
                CompileRequest request = known.request();
                Optional<Leases.Lease> lease = leases.take(request.key(), layout.label(request.priority()));
                if (lease.isEmpty()) {
                    Acks.nak(link, message, twinDelay(message));
                }
                yield lease.map(
                        mine -> new JetStreamDelivery(link, in(layout), message, request, mine, config.ackWait()));
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
                in(layout).remove(message);
                yield Optional.empty();
            }
        };
    }

    private static Duration twinDelay(Message message) {
        long doublings = Math.min(MOST_DOUBLINGS, message.metaData().deliveredCount() - 1);
        return jittered(TWIN_DELAY.multipliedBy(1L << doublings));
    }

    /**
     * Number of requests in the queue, waiting and in progress. Reads the streams, for which the NATS role
     * {@code worker} has no permission.
     *
     * @throws QueueUnavailableException if the connection is down, or NATS does not answer
     */
    public long depth() {
        long current = in(QueueLayout.BY_WORKER).depth();
        return in(QueueLayout.BY_LANE).exists()
                ? current + in(QueueLayout.BY_LANE).depth()
                : current;
    }

    /**
     * What the queue holds for each lane; nothing for lanes without requests. Ages are those of the 100 largest lanes;
     * others have the age zero. Needs the permissions of {@link #depth}.
     *
     * @throws QueueUnavailableException if the connection is down, or NATS does not answer
     */
    public List<LaneBacklog> backlog(InstantSource clock) {
        List<QueueLayout> layouts =
                in(QueueLayout.BY_LANE).exists() ? List.of(QueueLayout.values()) : List.of(QueueLayout.BY_WORKER);
        return link.call(
                "backlog of the queue", (stream, management) -> Backlogs.read(management, layouts, clock.instant()));
    }

    /** Deletes all requests of a lane. Call this only for a lane that no worker serves. */
    public void retire(LaneId lane) {
        in(QueueLayout.BY_WORKER).retire(lane);
        if (in(QueueLayout.BY_LANE).exists()) {
            in(QueueLayout.BY_LANE).retire(lane);
        }
    }

    private static Duration jittered(Duration about) {
        long half = about.toMillis() / 2;
        return Duration.ofMillis(half + ThreadLocalRandom.current().nextLong(about.toMillis()));
    }
}
