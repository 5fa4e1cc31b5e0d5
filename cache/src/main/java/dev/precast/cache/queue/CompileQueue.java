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
     * @throws QueueUnavailableException if nothing can be said now
     */
    Enqueued enqueue(CompileRequest request);

    /**
     * Takes one request of one of the lanes, hot ones first.
     *
     * @param wait how long to wait for one, at most; zero does not wait
     * @throws QueueUnavailableException if nothing can be said now
     */
    Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException;

    /**
     * Whether a request for the key waits or is in progress.
     *
     * @throws QueueUnavailableException if nothing can be said now
     */
    boolean holds(ArtifactKey key);

    /** What came of {@link #enqueue}. */
    enum Enqueued {
        /** This call put it there. */
        QUEUED,
        /** It was there already, waiting or in progress. */
        ALREADY_QUEUED,
        /** The queue takes no more now. */
        FULL
    }

    /** A request in the hands of one worker. It is delivered again if the worker sends no sign of progress for the ack wait. */
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
