package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The work queue between the API and the workers. The queue holds each key at most once, even during its compilation,
 * so that a fleet compiles no key twice. The content of the queue may be lost; then clients repeat their requests.
 *
 * <p>Implementations are thread safe.
 */
public interface CompileQueue {
    /**
     * Adds a request. The queue holds it until a worker of its lane acks it.
     *
     * @throws QueueUnavailableException if the queue does not answer
     */
    Enqueued enqueue(CompileRequest request);

    /**
     * Takes one request for one of the lanes, hot requests first.
     *
     * @param wait maximum time to wait for a request; with zero, the method does not wait
     * @throws QueueUnavailableException if the queue does not answer
     */
    Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException;

    /**
     * Whether a request for the key waits or is in progress.
     *
     * @throws QueueUnavailableException if the queue does not answer
     */
    boolean holds(ArtifactKey key);

    /** The result of {@link #enqueue}. */
    enum Enqueued {
        /** This call added the request. */
        QUEUED,
        /** The queue already holds the key, waiting or in progress. */
        ALREADY_QUEUED,
        /** The queue is full. */
        FULL
    }

    /**
     * A request that was delivered to one worker. The queue delivers the request again if the worker neither calls
     * {@link #inProgress} nor ends the request within the ack wait.
     */
    interface Delivery {
        CompileRequest request();

        /** Ends the request: removes its key from the queue. */
        void ack();

        /** Returns the request to the queue, which delivers it again after the delay. */
        void nak(Duration delay);

        /** Restarts the ack wait, because the request is in progress. */
        void inProgress();

        /** The time between two calls of {@link #inProgress}: a fraction of the ack wait. */
        Duration inProgressInterval();
    }
}
