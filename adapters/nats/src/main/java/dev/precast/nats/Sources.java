package dev.precast.nats;

import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.JetStreamApiException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a worker that exist. Creates missing ones. A consumer that cannot be created is tried again later and
 * does not delay the others.
 *
 * <p>Thread safe.
 */
final class Sources {
    private static final System.Logger LOG = System.getLogger(Sources.class.getName());

    /** Time until a creation that NATS refused is tried again. */
    private static final long AFTER_REFUSAL = TimeUnit.SECONDS.toNanos(30);
    /** Time until a creation that NATS did not answer is tried again. */
    private static final long AFTER_SILENCE = TimeUnit.SECONDS.toNanos(5);
    /** Time until a worker looks again for the stream, which the API creates. */
    private static final long NO_STREAM = TimeUnit.SECONDS.toNanos(1);
    /** Time until a worker looks again for the stream of older versions, which only those create. */
    private static final long NO_OLD_STREAM = TimeUnit.MINUTES.toNanos(1);

    private final NatsLink link;
    private final QueueConfig config;
    private final Set<Source> made = new HashSet<>();
    /** Consumers and streams that must not be tried before a time. */
    private final Map<Object, Long> notBefore = new HashMap<>();

    private Set<LaneId> lanes = Set.of();
    private List<Source> all = List.of();
    private @Nullable List<Source> usable;

    Sources(NatsLink link, QueueConfig config) {
        this.link = link;
        this.config = config;
    }

    /**
     * The consumers that exist for these lanes, the most urgent first.
     *
     * @throws QueueUnavailableException if the connection is down, or all consumers of a stream cannot be created
     */
    synchronized List<Source> of(Set<LaneId> wanted) {
        if (!wanted.equals(lanes)) {
            lanes = Set.copyOf(wanted);
            all = Arrays.stream(QueueLayout.values())
                    .flatMap(layout -> Source.of(layout, lanes).stream())
                    .sorted(Comparator.comparing(Source::priority))
                    .toList();
            usable = null;
        }
        List<Source> known = usable;
        if (known == null || isRetryDue()) {
            known = find();
            usable = known;
        }
        return known;
    }

    /** Forgets that these consumers exist: they did not answer. */
    synchronized void forget(List<Source> silent) {
        silent.forEach(made::remove);
        usable = null;
    }

    private boolean isRetryDue() {
        long now = System.nanoTime();
        return notBefore.values().stream().anyMatch(time -> now - time >= 0);
    }

    private List<Source> find() {
        long now = System.nanoTime();
        notBefore.values().removeIf(time -> now - time >= 0);
        List<Source> found = new ArrayList<>();
        QueueUnavailableException failure = null;
        for (Source source : all) {
            try {
                if (made.contains(source) || make(source)) {
                    found.add(source);
                }
            } catch (QueueUnavailableException e) {
                if (!link.isConnected()) {
                    throw e;
                }
                failure = e;
                long pause = e.getCause() instanceof JetStreamApiException ? AFTER_REFUSAL : AFTER_SILENCE;
                notBefore.put(source, System.nanoTime() + pause);
                LOG.log(
                        Level.WARNING,
                        "consumer " + source.consumer()
                                + ": cannot be created, to be retried; requests of its priority " + "wait: "
                                + e.getMessage());
                // Fails if NATS does not answer at all.
                link.connected();
            }
        }
        if (found.isEmpty() && failure != null) {
            throw failure;
        }
        return List.copyOf(found);
    }

    /** Creates the consumer; false if there is no stream, or it is too early to try again. */
    private boolean make(Source source) {
        if (notBefore.containsKey(source) || notBefore.containsKey(source.layout())) {
            return false;
        }
        boolean there = link.call(
                "consumer " + source.consumer(),
                (stream, management) -> Streams.makeConsumer(management, source, config));
        if (there) {
            made.add(source);
        } else {
            long pause = source.layout() == QueueLayout.BY_LANE ? NO_OLD_STREAM : NO_STREAM;
            notBefore.put(source.layout(), System.nanoTime() + pause);
        }
        return there;
    }
}
