package dev.precast.cache.worker;

import java.time.Duration;
import java.util.List;

/**
 * The port for heartbeats of workers. Heartbeats are hints: they may be lost or forged.
 *
 * <p>Implementations are thread safe.
 */
public interface Workers {
    /** Time between two heartbeats of a worker. */
    Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);
    /** A worker without a heartbeat for this time counts as stopped. */
    Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

    /** Sends a heartbeat, or the last notice of a stopping worker. Does not fail if nothing receives it. */
    void announce(WorkerNotice notice);

    /** Starts to receive heartbeats, and asks running workers for one now. Further calls do nothing. */
    void listen();

    /**
     * The last heartbeat within {@link #HEARTBEAT_TIMEOUT} of each running worker, sorted by name. {@linkplain #listen
     * Listens} from the first call on; waits a moment for the first answers, at most 500 ms.
     */
    List<WorkerNotice> alive();
}
