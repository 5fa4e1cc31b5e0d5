package dev.precast.cache.warmup;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The artifacts of a warm-up in one lane, in the order of the modules. Each lane has its own cursor, so that a lane
 * that is slow or has no worker does not delay the others. For one thread, except the volatile fields of {@link Place}.
 */
final class WarmupLane {
    /** Least number of artifacts beyond the cursor, so that one slow artifact does not stop the others. */
    private static final int LEAST_AHEAD = 64;
    /** Number of artifacts beyond the cursors of all lanes, which limits the memory. */
    private static final int AHEAD = 65_536;

    private static final int MOST_AHEAD = 4096;

    private final LaneId lane;
    private final LongFunction<ArtifactKey> keys;
    private final long modules;
    private final int ahead;

    /** The artifacts from the cursor to {@link #next}. */
    private final Deque<Place> window = new ArrayDeque<>();

    private long cursor;
    private long next;
    private int inWork;
    private long fillAt = System.nanoTime();
    private Instant served;
    private boolean wasServed;

    /**
     * @param keys returns the artifact of the module with a number
     * @param modules number of modules
     * @param lanes number of lanes of the warm-up
     * @param cursor number of the first modules whose artifacts are settled
     * @param now the start of the run
     */
    WarmupLane(LaneId lane, LongFunction<ArtifactKey> keys, long modules, int lanes, long cursor, Instant now) {
        this.lane = lane;
        this.keys = keys;
        this.modules = modules;
        this.ahead = Math.clamp(AHEAD / lanes, LEAST_AHEAD, MOST_AHEAD);
        this.cursor = cursor;
        this.next = cursor;
        this.served = now;
    }

    /** An artifact in the window of a lane. */
    static final class Place {
        final WarmupLane lane;
        final ArtifactKey key;
        Warmup.@Nullable Outcome settled;
        volatile long lookAt = System.nanoTime();
        volatile boolean woken;
        /** Whether the queue was full at the last request. */
        volatile boolean turnedAway;

        long pause = InWork.FIRST_LOOK_NANOS;

        private Place(WarmupLane lane, ArtifactKey key) {
            this.lane = lane;
            this.key = key;
        }
    }

    LaneId lane() {
        return lane;
    }

    long cursor() {
        return cursor;
    }

    boolean isFinished() {
        return cursor >= modules;
    }

    /** Whether further artifacts may be requested while at most {@code most} are in work. */
    boolean hasRoom(int most) {
        return next < modules
                && inWork < most
                && window.size() < Math.max(ahead, 2 * most)
                && System.nanoTime() - fillAt >= 0;
    }

    /**
     * Adds the next artifact.
     *
     * @throws dev.precast.cache.store.StoreException if the module list cannot be read; nothing was added
     */
    Place add() {
        Place place = new Place(this, keys.apply(next));
        next++;
        inWork++;
        window.add(place);
        return place;
    }

    /** Adds no artifact for a while. */
    void pause(long nanos) {
        fillAt = System.nanoTime() + nanos;
    }

    void settle(Place place, Warmup.Outcome outcome) {
        place.settled = outcome;
        inWork--;
    }

    /** Moves the cursor beyond settled artifacts; returns {@code counts} plus their outcomes. */
    Warmup.Counts advance(Warmup.Counts counts) {
        Warmup.Counts sum = counts;
        for (Place first = window.peek(); first != null && first.settled != null; first = window.peek()) {
            sum = sum.plus(first.settled);
            cursor++;
            window.remove();
        }
        return sum;
    }

    /** {@code counts} plus the outcomes of the settled artifacts above the cursor. */
    Warmup.Counts plusAhead(Warmup.Counts counts) {
        Warmup.Counts sum = counts;
        for (Place place : window) {
            if (place.settled != null) {
                sum = sum.plus(place.settled);
            }
        }
        return sum;
    }

    /** Notes that a worker serves the lane at this time. */
    void served(Instant now) {
        served = now;
        wasServed = true;
    }

    /**
     * Whether a warm-up that has nothing else to do may end without this lane: no worker has served it for a minute, or
     * for ten minutes if one served it during this run, because that worker may be restarting.
     */
    boolean isGivenUp(Instant now) {
        return now.isAfter(served.plus(wasServed ? WarmupRun.WORKER_RETURNS : WarmupRun.WORKER_COMES));
    }
}
