package dev.precast.cache.warmup;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Compilations;
import dev.precast.cache.Engines;
import dev.precast.cache.Lookups;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.ForeignTimes;
import dev.precast.protocol.KeyState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Gatherers;
import java.util.stream.LongStream;

/**
 * Compiles many modules with warm priority. Warm-ups are stored; one replica drives each under a lease, and all
 * replicas check every few seconds for warm-ups without a driver. An existing artifact costs only a read, so it does no
 * harm if two replicas drive the same warm-up, or if one repeats it.
 *
 * <p>Thread safe.
 */
public final class Warmups implements AutoCloseable {
    /** Maximum number of lists in a warm-up. */
    public static final int MAX_LISTS = 10;
    /** Maximum number of results on a page. */
    public static final int MAX_RESULTS = 1000;

    private static final System.Logger LOG = System.getLogger(Warmups.class.getName());
    private static final int MAX_DRIVEN = 4;

    private final Compilations compilations;
    private final Lookups lookups;
    private final Engines engines;
    private final ModuleLists lists;
    private final WarmupDocuments documents;
    private final LaneWindows windows;
    private final InstantSource clock;
    private final ForeignTimes times;
    private final Duration look;
    private final String driver = UUID.randomUUID().toString();
    private final Map<String, Thread> driven = new ConcurrentHashMap<>();
    private final Semaphore asked = new Semaphore(0);
    private final Thread sweeper;

    /** @param look time between two checks for warm-ups without a driver */
    public Warmups(
            Compilations compilations,
            Lookups lookups,
            Engines engines,
            ModuleLists lists,
            DocumentStore documents,
            InstantSource clock,
            Duration look) {
        this.compilations = compilations;
        this.lookups = lookups;
        this.engines = engines;
        this.lists = lists;
        this.documents = new WarmupDocuments(documents);
        this.windows = new LaneWindows(engines, clock);
        this.clock = clock;
        this.times = new ForeignTimes(clock);
        this.look = look;
        this.sweeper = Thread.ofVirtual().name("warmups").unstarted(this::sweep);
    }

    /**
     * Starts to drive warm-ups without a driver. Call this method at most once; nodes that never call it drive none.
     */
    public void start() {
        sweeper.start();
    }

    /**
     * Starts a warm-up, or finds the running warm-up of the same request. Starts a warm-up again if it has ended.
     *
     * @param listDigests the module lists, at most {@link #MAX_LISTS}; without lists the warm-up is done at once
     * @param lanes the lanes; empty for all registered lanes
     */
    public Begun begin(List<Digest> listDigests, List<LaneId> lanes) {
        if (listDigests.size() > MAX_LISTS) {
            throw new IllegalArgumentException(
                    "warm-up: expected at most " + MAX_LISTS + " lists, found " + listDigests.size());
        }
        List<Warmup.Part> parts = new ArrayList<>();
        for (Digest list : listDigests) {
            Optional<List<ModuleDigest>> found = lists.find(list);
            if (found.isEmpty()) {
                return new Begun.ListUnknown(list);
            }
            parts.add(new Warmup.Part(list, found.get().size()));
        }
        List<LaneId> wanted = lanes.isEmpty()
                ? engines.list().stream().map(offer -> offer.lane().id()).toList()
                : lanes.stream().distinct().toList();
        for (LaneId lane : wanted) {
            if (engines.find(lane).isEmpty()) {
                return new Begun.LaneUnknown("lane " + lane + " is not registered");
            }
        }
        return wanted.isEmpty()
                ? new Begun.LaneUnknown("no lane is registered; start a worker with an engine pack")
                : begin(Warmup.of(parts, wanted, clock.instant()));
    }

    private Begun begin(Warmup fresh) {
        String id = fresh.id();
        boolean begun = documents.update(id, before -> isRunning(before) ? null : fresh);
        if (!documents.activate(id)) {
            cancel(id);
            return new Begun.TooMany(WarmupDocuments.MAX_ACTIVE);
        }
        asked.release();
        return new Begun.Running(begun ? fresh : find(id).orElse(fresh), begun);
    }

    private static boolean isRunning(Optional<Warmup> warmup) {
        return warmup.filter(w -> w.state() == Warmup.State.RUNNING).isPresent();
    }

    /**
     * The warm-up with this id, if there is one. Makes sure that replicas know of a running warm-up that none of them
     * drives: its id may have been lost with a damaged list of ids.
     */
    public Optional<Warmup> find(String id) {
        Optional<Warmup> found = documents.find(id).map(WarmupDocuments.Stored::warmup);
        if (isRunning(found) && isFree(found.orElseThrow())) {
            documents.activate(id);
        }
        return found;
    }

    /** Cancels a running warm-up; workers still compile its queued requests. Returns the warm-up, if it exists. */
    public Optional<Warmup> cancel(String id) {
        if (documents.update(
                id, before -> isRunning(before) ? before.orElseThrow().with(Warmup.State.CANCELLED) : null)) {
            documents.deactivate(id);
        }
        return find(id);
    }

    /**
     * The current states of the artifacts of a warm-up.
     *
     * @param from number of the first artifact
     * @param most maximum number of results, capped at {@link #MAX_RESULTS}
     */
    public List<Result> results(Warmup warmup, long from, int most) {
        long end = Math.min(warmup.total(), from + Math.min(most, MAX_RESULTS));
        CachedLists cached = new CachedLists(lists);
        return LongStream.range(from, end)
                .mapToObj(number -> warmup.key(number, cached))
                .gather(Gatherers.mapConcurrent(
                        Lookups.TOGETHER, (ArtifactKey key) -> new Result(key, lookups.state(key))))
                .toList();
    }

    private void sweep() {
        try {
            while (true) {
                try {
                    documents.active(DocumentChanges.CHECK_INTERVAL).forEach(this::lookAfter);
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "warm-ups: check failed, to be retried: " + e.getMessage());
                }
                // A random pause, so that replicas that start together do not check together.
                long nanos =
                        (long) (look.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
                if (asked.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                    asked.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookAfter(String id) {
        if (driven.containsKey(id)) {
            return;
        }
        WarmupDocuments.Stored stored = documents.find(id).orElse(null);
        if (stored == null || stored.warmup().state() != Warmup.State.RUNNING) {
            WarmupRun.deactivate(documents, id);
        } else if (driven.size() < MAX_DRIVEN && isFree(stored.warmup())) {
            drive(stored);
        }
    }

    private boolean isFree(Warmup warmup) {
        return warmup.lease()
                .filter(lease -> !times.hasPassed(List.of(warmup.id(), lease), lease.until(), WarmupRun.LEASE))
                .isEmpty();
    }

    private void drive(WarmupDocuments.Stored stored) {
        String id = stored.warmup().id();
        WarmupRun run = new WarmupRun(stored, driver, compilations, lists, documents, windows, clock);
        Thread thread = Thread.ofVirtual().name("warmup-" + id).unstarted(() -> {
            try {
                run.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "warm-up " + id + ": stopped by an error; a replica will continue it: " + e, e);
            } finally {
                driven.remove(id);
            }
        });
        driven.put(id, thread);
        thread.start();
    }

    /** Stops driving and releases the leases of this replica, so that other replicas can continue at once. */
    @Override
    public void close() throws InterruptedException {
        sweeper.interrupt();
        sweeper.join();
        List<Thread> threads = List.copyOf(driven.values());
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** The state of one artifact. */
    public record Result(ArtifactKey key, KeyState state) {}

    /** The result of {@link #begin}. */
    public sealed interface Begun {
        /** @param fresh whether this request started the warm-up */
        record Running(Warmup warmup, boolean fresh) implements Begun {}

        /** A list is not stored; it may have been deleted because of its age. */
        record ListUnknown(Digest list) implements Begun {}

        /** A requested lane is not registered, or no lane is registered at all. */
        record LaneUnknown(String why) implements Begun {}

        /** @param most maximum number of running warm-ups */
        record TooMany(int most) implements Begun {}
    }
}
