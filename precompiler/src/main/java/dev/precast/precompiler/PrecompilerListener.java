package dev.precast.precompiler;

import dev.precast.artifact.EngineId;
import java.time.Duration;

/** Hears what a worker does, for metrics. Called by the worker's threads; must be quick and must not throw. */
public interface PrecompilerListener {
    /** Hears nothing. */
    PrecompilerListener NONE = new PrecompilerListener() {
        @Override
        public void started(EngineId engine) {}

        @Override
        public void finished(EngineId engine, String outcome, Duration took, long bytes) {}

        @Override
        public void slots(int busy, int total) {}
    };

    /** A request was taken; {@link #finished} follows. */
    void started(EngineId engine);

    /**
     * A request was answered or handed back.
     *
     * @param outcome {@code compiled}; {@code probe} if that was a lane's probe that nobody asked for; {@code present} if it existed; {@code rejected}; {@code failed-time}, {@code
     *     failed-memory}, {@code failed-output} or {@code failed-crash}; {@code known} if an earlier rejection or
     *     failure still stands; {@code handed-back} if another try or another worker has to do it
     * @param took from taking the request on
     * @param bytes size of the payload; 0 unless compiled
     */
    void finished(EngineId engine, String outcome, Duration took, long bytes);

    /** How many slots are at work now. */
    void slots(int busy, int total);
}
