package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The work queue between who asks and the precompilers. It holds a key at most once, also while it is compiled, which
 * is the single flight of a fleet. It is a hint: if it is lost, asking again brings everything back.
 *
 * <p>Implementations are thread safe.
 */
public interface CompileQueue {
    /**
     * Holds a request until a worker of its lane has done it.
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
     * Whether a request for the key waits or is in work.
     *
     * @throws QueueUnavailableException if nothing can be said now
     */
    boolean holds(ArtifactKey key);

    /** What came of {@link #enqueue}. */
    enum Enqueued {
        /** This call put it there. */
        QUEUED,
        /** It was there already, waiting or in work. */
        ALREADY_QUEUED,
        /** The queue takes no more now. */
        FULL
    }

    /** A request in the hands of one worker. It comes back by itself if the worker goes silent. */
    interface Delivery {
        CompileRequest request();

        /** The request is answered; the key is free. */
        void done();

        /** Hands the request back, to be taken again after the delay. */
        void release(Duration delay);

        /** Says that it is still in work. */
        void keep();

        /** How often to say so: several times before it would come back by itself. */
        Duration keepEvery();
    }
}
