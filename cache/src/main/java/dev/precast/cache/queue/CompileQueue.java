package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The work queue between the API and the workers. It holds each key at most once, also while the key is compiled, so a
 * fleet compiles nothing twice. It is a hint: if the queue is lost, requests that are sent again restore it.
 *
 * <p>Implementations are thread safe.
 */
public interface CompileQueue {
    /**
     * Holds a request until a worker of its lane acknowledges it.
     *
     * @throws QueueUnavailableException if the queue does not answer
     */
    Enqueued enqueue(CompileRequest request);

    /**
     * Takes one request of one of the lanes, hot ones first.
     *
     * @param wait maximum time to wait for a request; zero does not wait
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
     * A request that was delivered to one worker. It is delivered again if the worker does not call {@link #inProgress}
     * or end it within the ack wait.
     */
    interface Delivery {
        CompileRequest request();

        /** Acknowledges the request: it is answered, and the key leaves the queue. */
        void ack();

        /** Returns the request to the queue, which delivers it again after the delay. */
        void nak(Duration delay);

        /** Starts the ack wait anew, since the request is in progress. */
        void inProgress();

        /** How often to call {@link #inProgress}: several times within the ack wait. */
        Duration inProgressInterval();
    }
}
