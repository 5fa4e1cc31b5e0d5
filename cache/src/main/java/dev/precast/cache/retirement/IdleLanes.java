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
 * Takes lanes out of service that no worker serves any more.
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
     * Begins to listen to workers.
     *
     * @param purge drops what is asked for of a lane
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
     * Lanes that are registered.
     *
     * @param idle no worker that is alive serves them
     * @param served some does, or so much has not been heard yet that none can be told to be idle
     */
    record Found(List<LaneId> idle, List<LaneId> served) {
        Found {
            idle = List.copyOf(idle);
            served = List.copyOf(served);
        }
    }

    /** Those of these digests that are registered. */
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
     * What is asked for of these lanes is dropped, and they are registered no more.
     *
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer; it can be done again
     */
    void retire(Collection<LaneId> retired) throws InterruptedException {
        if (retired.isEmpty()) {
            return;
        }
        retired.forEach(purge);
        retired.forEach(lanes::unregister);
        // What came in between, while replicas still remembered the lanes, would be held until its age takes it.
        Thread.sleep(Engines.KEPT.multipliedBy(2));
        retired.forEach(purge);
    }
}
