package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the number of replicas of the streams at the configured number, or at what the cluster allows. Streams get more
 * replicas, for example after the cluster has grown, but never fewer.
 *
 * <p>Thread safe.
 */
public final class StreamReplicas {
    private static final System.Logger LOG = System.getLogger(StreamReplicas.class.getName());
    private static final long EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final NatsLink link;
    private final QueueConfig config;
    private long checkAt = System.nanoTime();
    private volatile List<String> alone = List.of();

    public StreamReplicas(NatsLink link, QueueConfig config) {
        this.link = link;
        this.config = config;
    }

    /**
     * Checks the streams if the last check was a minute ago. Reads and changes them, for which the NATS role {@code
     * worker} has no permission.
     *
     * @throws QueueUnavailableException if the connection is down, or NATS does not answer
     */
    public synchronized void check() {
        if (System.nanoTime() - checkAt < 0) {
            return;
        }
        checkAt = System.nanoTime() + EVERY_NANOS;
        List<String> before = alone;
        alone = link.call("replicas of the streams", (stream, management) -> Streams.replicate(management, config));
        if (!alone.equals(before)) {
            problem().ifPresent(problem -> LOG.log(Level.WARNING, "queue: " + problem));
        }
    }

    /** The streams that are lost with one server of the cluster, as a sentence; empty if there are none. */
    public Optional<String> problem() {
        return alone.isEmpty()
                ? Optional.empty()
                : Optional.of("streams " + String.join(", ", alone)
                        + " are on one server of a cluster (expected 3 replicas), and are lost with it; add servers, or set "
                        + "precast.queue.replicas");
    }
}
