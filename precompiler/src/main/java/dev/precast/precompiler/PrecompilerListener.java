package dev.precast.precompiler;

import dev.precast.artifact.EngineId;
import dev.precast.cache.worker.Trouble;
import java.time.Duration;

/** Receives a worker's events, for metrics. Called by the worker's threads; must return quickly and must not throw. */
public interface PrecompilerListener {
    /** The worker starts, and its children will be confined like this. Called once, before all other methods. */
    void confinement(Confinement confinement);

    /** A request was taken; {@link #finished} follows. */
    void started(EngineId engine);

    /**
     * A request was answered or returned to the queue.
     *
     * @param outcome {@code compiled}; {@code probe} for a lane's probe that was not requested; {@code present} if the
     *     artifact existed; {@code module-unknown} if the module is not stored; {@code rejected}; {@code failed-time},
     *     {@code failed-memory}, {@code failed-output} or {@code failed-crash}; {@code known} if an earlier rejection
     *     or failure still counts; {@code recheck-loads}, {@code recheck-rejected} or {@code recheck-undecided} after the test of
     *     an artifact that a host could not load; {@code given-up} if the key failed too often; {@code handed-back} if a later delivery or
     *     another worker must compile it
     * @param took time since the request was taken
     * @param bytes size of the payload in bytes; 0 unless compiled
     */
    void finished(EngineId engine, String outcome, Duration took, long bytes);

    /** The number of busy slots changed. */
    void slots(int busy, int total);

    /**
     * An error happened that says nothing about a module, such as a full disk. The request went back to the queue without
     * an attempt.
     */
    void error(Trouble.Kind kind);
}
