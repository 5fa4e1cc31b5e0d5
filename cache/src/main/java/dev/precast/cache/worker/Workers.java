package dev.precast.cache.worker;

import java.time.Duration;
import java.util.List;

/**
 * Which workers are alive. A hint, for people and dashboards; nothing waits for it, and it may be forged.
 *
 * <p>Implementations are thread safe.
 */
public interface Workers {
    /** How often a worker announces itself. */
    Duration EVERY = Duration.ofSeconds(10);
    /** Who was silent for so long counts as gone. */
    Duration TIMEOUT = Duration.ofSeconds(30);

    /** Says that the worker is alive, or goes. Never fails for want of listeners. */
    void announce(WorkerNotice notice);

    /** The last notice of each worker that was heard of within {@link #TIMEOUT} and did not go, by name. */
    List<WorkerNotice> alive();
}
