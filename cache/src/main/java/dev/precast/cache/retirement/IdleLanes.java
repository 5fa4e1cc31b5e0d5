package dev.precast.cache.retirement;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.Engines;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Unregisters lanes that no worker serves.
 *
 * <p>Thread safe.
 */
public final class IdleLanes {
    private final Lanes lanes;
    private final Workers workers;
    private final Consumer<LaneId> purge;
    private final InstantSource clock;
    private final Instant tellsFrom;

    /**
     * Starts to collect heartbeats of workers.
     *
     * @param purge removes all requests of a lane from the queue
     */
    public IdleLanes(Lanes lanes, Workers workers, Consumer<LaneId> purge, InstantSource clock) {
        this.lanes = lanes;
        this.workers = workers;
        this.purge = purge;
        this.clock = clock;
        this.tellsFrom = clock.instant().plus(Workers.HEARTBEAT_TIMEOUT);
        workers.alive();
    }

    /**
     * Registered lanes, divided into idle and served ones.
     *
     * @param idle lanes that no live worker serves
     * @param served lanes that a live worker serves; all lanes during the first heartbeat timeout after the start, when
     *     it is still unknown which lanes are idle
     */
    record Found(List<LaneId> idle, List<LaneId> served) {
        Found {
            idle = List.copyOf(idle);
            served = List.copyOf(served);
        }
    }

    /** Finds the registered lanes with these digests. */
    Found find(Set<Digest> digests) {
        Set<Digest> offered = new HashSet<>();
        for (WorkerNotice worker : workers.alive()) {
            offered.addAll(worker.lanes());
        }
        boolean early = clock.instant().isBefore(tellsFrom);
        List<LaneId> idle = new ArrayList<>();
        List<LaneId> served = new ArrayList<>();
        for (LaneOffer offer : lanes.list()) {
            LaneId lane = offer.lane().id();
            if (digests.contains(lane.digest())) {
                (early || offered.contains(lane.digest()) ? served : idle).add(lane);
            }
        }
        return new Found(idle, served);
    }

    /**
     * Removes all requests of these lanes from the queue and unregisters the lanes. Takes two seconds.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer; retry
     */
    void retire(Collection<LaneId> retired) throws InterruptedException {
        if (retired.isEmpty()) {
            return;
        }
        retired.forEach(purge);
        retired.forEach(lanes::unregister);
        // Replicas accept requests while they still cache the lanes. Without the second purge such requests would stay
        // in the queue until their maximum age.
        Thread.sleep(Engines.KEPT.multipliedBy(2));
        retired.forEach(purge);
    }
}
