package dev.precast.cache.warmup;

import dev.precast.artifact.LaneId;
import dev.precast.cache.Compilations;
import dev.precast.cache.Lookups;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.warmup.WarmupLane.Place;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drives one warm-up on one thread. Requests the next artifacts of each lane while fewer than its {@link LaneWindows
 * window} are queued, and stores the progress, which renews the lease. A lane without a worker is set aside: the warm-up requests none of its artifacts until a
 * worker comes, and ends without them.
 */
final class WarmupRun {
    /** Time after which a warm-up ends without a lane that no worker served during its run. */
    static final Duration WORKER_COMES = Duration.ofMinutes(1);
    /** Time after which a warm-up ends without a lane whose workers stopped. */
    static final Duration WORKER_RETURNS = Duration.ofMinutes(10);

    private static final System.Logger LOG = System.getLogger(WarmupRun.class.getName());

    static final Duration LEASE = Duration.ofSeconds(20);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(2);
    private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long WINDOWS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration TICK = Duration.ofMillis(250);

    private final String driver;
    private final Compilations compilations;
    private final WarmupDocuments documents;
    private final LaneWindows laneWindows;
    private final InstantSource clock;
    private final List<WarmupLane> lanes = new ArrayList<>();

    private WarmupDocuments.Stored stored;
    private Warmup.Counts counts;
    private Map<LaneId, Integer> windows = Map.of();
    private boolean looked;
    private long windowsAt = System.nanoTime() - WINDOWS_NANOS - 1;
    private int turn;
    private long savedAt;
    private long warnedAt = System.nanoTime() - WARN_NANOS - 1;

    WarmupRun(
            WarmupDocuments.Stored stored,
            String driver,
            Compilations compilations,
            ModuleLists lists,
            WarmupDocuments documents,
            LaneWindows laneWindows,
            InstantSource clock) {
        this.stored = stored;
        this.driver = driver;
        this.compilations = compilations;
        this.documents = documents;
        this.laneWindows = laneWindows;
        this.clock = clock;
        Warmup warmup = stored.warmup();
        this.counts = warmup.progress().below();
        CachedLists cached = new CachedLists(lists);
        int all = warmup.lanes().size();
        for (int i = 0; i < all; i++) {
            int number = i;
            lanes.add(new WarmupLane(
                    warmup.lanes().get(i),
                    module -> warmup.key(module * all + number, cached),
                    warmup.modules(),
                    all,
                    warmup.progress().cursors().get(i),
                    clock.instant()));
        }
    }

    /** Runs until the warm-up is done or cancelled, another replica takes it, or this thread is interrupted. */
    void run() {
        if (!save(Warmup.State.RUNNING)) {
            return;
        }
        try (InWork inWork = new InWork(compilations, this::warn)) {
            while (!isOver()) {
                if (!turn(inWork)) {
                    return;
                }
            }
            while (!finished()) {
                Thread.sleep(AFTER_FAULT);
            }
        } catch (InterruptedException e) {
            release();
            Thread.currentThread().interrupt();
        }
    }

    /** Whether all lanes are finished, except those without a worker that are given up. */
    private boolean isOver() {
        Instant now = clock.instant();
        return lanes.stream().allMatch(lane -> lane.isFinished() || (isSetAside(lane) && lane.isGivenUp(now)));
    }

    private boolean isSetAside(WarmupLane lane) {
        return looked && !windows.containsKey(lane.lane());
    }

    /** One round; false if another replica took the warm-up or a client cancelled it. Pauses after a store failure. */
    private boolean turn(InWork inWork) throws InterruptedException {
        boolean moved = false;
        try {
            followWorkers();
            moved = inWork.look();
            for (WarmupLane lane : lanes) {
                counts = lane.advance(counts);
            }
            if (System.nanoTime() - savedAt > SAVE_NANOS && !save(Warmup.State.RUNNING)) {
                return false;
            }
            moved |= more(inWork);
        } catch (StoreException e) {
            warn("a call failed, to be retried: " + e.getMessage());
            Thread.sleep(AFTER_FAULT);
        }
        if (!moved && !isOver()) {
            inWork.await(TICK);
        }
        return true;
    }

    /** Reads once a second which workers are alive. */
    private void followWorkers() {
        if (System.nanoTime() - windowsAt > WINDOWS_NANOS) {
            windows = laneWindows.of(lanes.stream()
                    .filter(lane -> !lane.isFinished())
                    .map(WarmupLane::lane)
                    .toList());
            Instant now = clock.instant();
            lanes.stream().filter(lane -> windows.containsKey(lane.lane())).forEach(lane -> lane.served(now));
            windowsAt = System.nanoTime();
            looked = true;
        }
    }

    /** Logs a warning, but not too often: a failing store causes the same warning for each artifact. */
    private void warn(String what) {
        if (System.nanoTime() - warnedAt > WARN_NANOS) {
            warnedAt = System.nanoTime();
            LOG.log(Level.WARNING, "warm-up " + stored.warmup().id() + ": " + what);
        }
    }

    /** Adds artifacts to the windows of the lanes, to each in turn, while there is space; returns whether it added any. */
    private boolean more(InWork inWork) {
        if (inWork.isTurnedAway()) {
            return false;
        }
        int added = 0;
        int refused = 0;
        while (added < Lookups.TOGETHER && refused < lanes.size()) {
            WarmupLane lane = lanes.get(turn++ % lanes.size());
            Optional<Place> place = next(lane);
            place.ifPresent(inWork::add);
            added += place.isPresent() ? 1 : 0;
            refused = place.isPresent() ? 0 : refused + 1;
        }
        turn %= lanes.size();
        return added > 0;
    }

    private Optional<Place> next(WarmupLane lane) {
        if (!lane.hasRoom(windows.getOrDefault(lane.lane(), 0))) {
            return Optional.empty();
        }
        try {
            return Optional.of(lane.add());
        } catch (StoreException e) {
            warn("a module list cannot be read, to be retried: " + e.getMessage());
            lane.pause(AFTER_FAULT.toNanos());
            return Optional.empty();
        }
    }

    private boolean finished() {
        try {
            if (save(Warmup.State.DONE)) {
                deactivate(documents, stored.warmup().id());
            }
            return true;
        } catch (StoreException e) {
            LOG.log(
                    Level.WARNING,
                    "warm-up " + stored.warmup().id() + ": cannot store its end yet, to be retried: " + e.getMessage());
            return false;
        }
    }

    private void release() {
        try {
            save(null);
        } catch (StoreException e) {
            LOG.log(
                    Level.WARNING,
                    "warm-up " + stored.warmup().id() + ": cannot release the lease, which will expire: "
                            + e.getMessage());
        }
    }

    /** @param state the new state; null releases the lease */
    private boolean save(Warmup.@Nullable State state) {
        Warmup at = stored.warmup().with(progress());
        Warmup fresh = state == Warmup.State.RUNNING
                ? at.with(new Warmup.Lease(driver, clock.instant().plus(LEASE)))
                : at.with(state == null ? Warmup.State.RUNNING : state);
        Optional<String> version = documents.put(fresh, stored.version());
        if (version.isEmpty()) {
            return false;
        }
        stored = new WarmupDocuments.Stored(fresh, version.get());
        savedAt = System.nanoTime();
        return true;
    }

    private Warmup.Progress progress() {
        Warmup.Counts ahead = Warmup.Counts.NONE;
        List<Integer> setAside = new ArrayList<>();
        for (int i = 0; i < lanes.size(); i++) {
            WarmupLane lane = lanes.get(i);
            ahead = lane.plusAhead(ahead);
            if (!lane.isFinished() && isSetAside(lane)) {
                setAside.add(i);
            }
        }
        return new Warmup.Progress(lanes.stream().map(WarmupLane::cursor).toList(), counts, ahead, setAside);
    }

    /** Removes the id from the running warm-ups, unless a client has started the warm-up again. */
    static void deactivate(WarmupDocuments documents, String id) {
        documents.deactivate(id);
        if (documents
                .find(id)
                .filter(now -> now.warmup().state() == Warmup.State.RUNNING)
                .isPresent()) {
            documents.activate(id);
        }
    }
}
