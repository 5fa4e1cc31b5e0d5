package dev.precast.cache.worker;

import java.time.Duration;
import java.util.List;

/**
 * Which workers are alive. A hint, for people and dashboards; nothing waits for it, and it may be forged.
 *
 * <p>Implementations are thread safe.
 */
public interface Workers {
    /** Time between two heartbeats of a worker. */
    Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);
    /** A worker without a heartbeat for that time counts as gone. */
    Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

    /** Says that the worker is alive, or goes. Never fails for want of listeners. */
    void announce(WorkerNotice notice);

    /** The last notice of each worker that was heard of within {@link #HEARTBEAT_TIMEOUT} and did not go, by name. */
    List<WorkerNotice> alive();
}
