package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.Engines;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The number of requests that a warm-up keeps in the queue for each lane. It follows the slots that live workers
 * announce. A worker shares its slots among its lanes, so that a warm-up of many lanes does not fill the queue.
 *
 * <p>Thread safe.
 */
final class LaneWindows {
    /** Requests for each slot: one in progress, one that is next, so that a worker does not wait for the warm-up. */
    private static final int PER_SLOT = 2;
    /** Least number of requests for all lanes together, so that artifacts that exist are found quickly. */
    private static final int LEAST = 64;

    private final Engines engines;
    private final InstantSource clock;
    private final Instant tellsFrom;

    /** Starts to collect heartbeats of workers. */
    LaneWindows(Engines engines, InstantSource clock) {
        this.engines = engines;
        this.clock = clock;
        this.tellsFrom = clock.instant().plus(Workers.HEARTBEAT_TIMEOUT);
        engines.workers();
    }

    /**
     * The largest number of requests for each lane; lanes without a worker that takes requests are missing. During the first heartbeat
     * timeout, when it is still unknown which lanes have workers, none is missing.
     *
     * @param lanes lanes with artifacts that are not settled
     */
    Map<LaneId, Integer> of(Collection<LaneId> lanes) {
        Map<Digest, LaneId> wanted = new HashMap<>();
        lanes.forEach(lane -> wanted.put(lane.digest(), lane));
        Map<LaneId, Double> slots = new HashMap<>();
        if (clock.instant().isBefore(tellsFrom)) {
            lanes.forEach(lane -> slots.put(lane, 0.0));
        }
        List<WorkerNotice> alive = engines.workers();
        for (WorkerNotice worker : alive) {
            if (worker.trouble().isPresent()) {
                continue;
            }
            Set<Digest> serves = new HashSet<>(worker.lanes());
            serves.retainAll(wanted.keySet());
            for (Digest lane : serves) {
                slots.merge(wanted.get(lane), (double) worker.slots() / serves.size(), Double::sum);
            }
        }
        int least = Math.max(1, LEAST / Math.max(1, slots.size()));
        Map<LaneId, Integer> windows = new HashMap<>();
        slots.forEach((lane, share) -> windows.put(lane, Math.max(least, (int) Math.ceil(PER_SLOT * share))));
        return windows;
    }
}
