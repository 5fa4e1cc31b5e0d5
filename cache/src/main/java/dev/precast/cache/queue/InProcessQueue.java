package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a server that runs alone, and the reference for other adapters: in memory, bounded, for one process. A
 * worker crashes only together with this process, so there is no ack wait.
 */
public final class InProcessQueue implements CompileQueue {
    private final int capacity;
    private final InstantSource clock;
    private final Map<ArtifactKey, Held> held = new HashMap<>();
    private final EnumMap<Priority, Deque<Held>> waiting = new EnumMap<>(Priority.class);

    /** @param capacity maximum number of requests, waiting and in progress */
    public InProcessQueue(int capacity, InstantSource clock) {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity: expected at least 1, found " + capacity);
        }
        this.capacity = capacity;
        this.clock = clock;
        for (Priority priority : Priority.values()) {
            waiting.put(priority, new ArrayDeque<>());
        }
    }

    @Override
    public synchronized Enqueued enqueue(CompileRequest request) {
        Held twin = held.get(request.key());
        if (twin != null) {
            raise(twin, request);
            return Enqueued.ALREADY_QUEUED;
        }
        if (held.size() >= capacity) {
            return Enqueued.FULL;
        }
        Instant now = clock.instant();
        Held fresh = new Held(request, now, now);
        held.put(request.key(), fresh);
        line(request.priority()).add(fresh);
        notifyAll();
        return Enqueued.QUEUED;
    }

    /** Raises the priority of a waiting request if a more urgent one for its key arrives. */
    private void raise(Held twin, CompileRequest request) {
        Priority before = twin.request.priority();
        if (request.priority().compareTo(before) < 0 && line(before).remove(twin)) {
            Held raised = new Held(request, twin.addedAt, twin.notBefore);
            held.put(request.key(), raised);
            line(request.priority()).add(raised);
            notifyAll();
        }
    }

    @Override
    public synchronized Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long end = System.nanoTime() + wait.toNanos();
        while (true) {
            Held next = next(lanes);
            if (next != null) {
                return Optional.of(new InProgress(next));
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            // Wakes up regularly, because the end of a delay does not notify.
            long slice = waiting() == 0 ? left : Math.min(left, TimeUnit.MILLISECONDS.toNanos(100));
            TimeUnit.NANOSECONDS.timedWait(this, slice);
        }
    }

    private @Nullable Held next(Set<LaneId> lanes) {
        Instant now = clock.instant();
        for (Priority priority : Priority.values()) {
            for (Iterator<Held> i = line(priority).iterator(); i.hasNext(); ) {
                Held candidate = i.next();
                if (lanes.contains(candidate.request.key().lane()) && !now.isBefore(candidate.notBefore)) {
                    i.remove();
                    return candidate;
                }
            }
        }
        return null;
    }

    @Override
    public synchronized boolean holds(ArtifactKey key) {
        return held.containsKey(key);
    }

    /** Drops all requests of a lane that no worker serves any more. */
    public synchronized void retire(LaneId lane) {
        waiting.values().forEach(line -> line.removeIf(each -> isOf(lane, each.request.key())));
        held.keySet().removeIf(key -> isOf(lane, key));
    }

    private static boolean isOf(LaneId lane, ArtifactKey key) {
        return key.lane().equals(lane);
    }

    /** Number of requests in the queue, waiting and in progress. */
    public synchronized int depth() {
        return held.size();
    }

    /** What the queue holds for each lane; nothing for lanes without requests. */
    public synchronized List<LaneBacklog> backlog() {
        Map<LaneId, LongSummaryStatistics> added = new LinkedHashMap<>();
        held.values()
                .forEach(each -> added.computeIfAbsent(each.request.key().lane(), lane -> new LongSummaryStatistics())
                        .accept(each.addedAt.toEpochMilli()));
        Instant now = clock.instant();
        return added.entrySet().stream()
                .map(lane -> new LaneBacklog(
                        lane.getKey().digest(),
                        lane.getValue().getCount(),
                        Duration.between(Instant.ofEpochMilli(lane.getValue().getMin()), now)))
                .toList();
    }

    private int waiting() {
        return waiting.values().stream().mapToInt(Deque::size).sum();
    }

    private Deque<Held> line(Priority priority) {
        return Objects.requireNonNull(waiting.get(priority));
    }

    /** A request in the queue, compared by identity. */
    private static final class Held {
        final CompileRequest request;
        final Instant addedAt;
        final Instant notBefore;

        Held(CompileRequest request, Instant addedAt, Instant notBefore) {
            this.request = request;
            this.addedAt = addedAt;
            this.notBefore = notBefore;
        }
    }

    private final class InProgress implements Delivery {
        private final Held mine;

        InProgress(Held mine) {
            this.mine = mine;
        }

        @Override
        public CompileRequest request() {
            return mine.request;
        }

        @Override
        public void ack() {
            synchronized (InProcessQueue.this) {
                held.remove(mine.request.key(), mine);
            }
        }

        @Override
        public void nak(Duration delay) {
            synchronized (InProcessQueue.this) {
                Held again =
                        new Held(mine.request, mine.addedAt, clock.instant().plus(delay));
                if (held.replace(mine.request.key(), mine, again)) {
                    line(mine.request.priority()).add(again);
                    InProcessQueue.this.notifyAll();
                }
            }
        }

        @Override
        public void inProgress() {
            // There is no ack wait.
        }

        @Override
        public Duration inProgressInterval() {
            return Duration.ofHours(1);
        }
    }
}
