package dev.precast.cache.warmup;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.Lookups;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.protocol.KeyState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drives one warm-up on one thread. Requests the next artifacts while fewer than {@link #IN_WORK} are queued, reads the
 * state of a requested artifact after an event or a few seconds, and stores the progress, which renews the lease.
 */
final class WarmupRun {
    private static final System.Logger LOG = System.getLogger(WarmupRun.class.getName());

    /** Maximum number of queued requests: enough for many workers, but few enough not to delay other warm requests. */
    private static final int IN_WORK = 64;
    /** Maximum size of {@link #window}: large enough that one slow artifact at its start does not stop the others. */
    private static final int WINDOW = 4096;

    static final Duration LEASE = Duration.ofSeconds(20);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(2);
    private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LAST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TICK_MILLIS = 250;

    private final String driver;
    private final Compilations compilations;
    private final CachedLists lists;
    private final WarmupDocuments documents;
    private final InstantSource clock;

    /** The artifacts from the cursor to {@code next}, in order. */
    private final Deque<Place> window = new ArrayDeque<>();

    /** The requested artifacts of the window. Several may have the same key, because lists may overlap. */
    private final Set<Place> inWork = ConcurrentHashMap.newKeySet();

    private final Semaphore heard = new Semaphore(0);
    private WarmupDocuments.Stored stored;
    private long cursor;
    private long next;
    private Warmup.Counts counts;
    private long savedAt;
    private long warnedAt = System.nanoTime() - WARN_NANOS - 1;

    WarmupRun(
            WarmupDocuments.Stored stored,
            String driver,
            Compilations compilations,
            ModuleLists lists,
            WarmupDocuments documents,
            InstantSource clock) {
        this.stored = stored;
        this.driver = driver;
        this.compilations = compilations;
        this.lists = new CachedLists(lists);
        this.documents = documents;
        this.clock = clock;
        this.cursor = stored.warmup().progress().cursor();
        this.next = cursor;
        this.counts = stored.warmup().progress().below();
    }

    /** An artifact in the window. */
    private static final class Place {
        final ArtifactKey key;
        Warmup.@Nullable Outcome settled;
        volatile long lookAt = System.nanoTime();
        volatile boolean woken;
        /** Whether the queue was full at the last request. */
        volatile boolean turnedAway;

        long pause = FIRST_LOOK_NANOS;

        Place(ArtifactKey key) {
            this.key = key;
        }
    }

    /** Runs until the warm-up is done or cancelled, another replica takes it, or this thread is interrupted. */
    void run() {
        if (!save(Warmup.State.RUNNING)) {
            return;
        }
        try (CompileEvents.Subscription subscription = compilations.subscribe(this::wake);
                ExecutorService looks = Executors.newVirtualThreadPerTaskExecutor()) {
            while (cursor < total()) {
                if (!turn(looks)) {
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

    /** One round; false if another replica took the warm-up or a client cancelled it. Pauses after a store failure. */
    private boolean turn(ExecutorService looks) throws InterruptedException {
        boolean moved = false;
        try {
            moved = look(looks, due());
            advance();
            if (System.nanoTime() - savedAt > SAVE_NANOS && !save(Warmup.State.RUNNING)) {
                return false;
            }
            // Last, because reading lists may fail, which must not delay the requested artifacts.
            moved |= more();
        } catch (StoreException e) {
            warn("a call failed, to be retried: " + e.getMessage());
            Thread.sleep(AFTER_FAULT);
        }
        if (!moved && cursor < total() && heard.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
            heard.drainPermits();
        }
        return true;
    }

    /** Logs a warning, but not too often: a failing store causes the same warning for each artifact. */
    private void warn(String what) {
        if (System.nanoTime() - warnedAt > WARN_NANOS) {
            warnedAt = System.nanoTime();
            LOG.log(Level.WARNING, "warm-up " + stored.warmup().id() + ": " + what);
        }
    }

    private long total() {
        return stored.warmup().total();
    }

    private void wake(ArtifactKey key) {
        for (Place place : inWork) {
            if (place.key.equals(key)) {
                place.woken = true;
                place.lookAt = System.nanoTime();
                heard.release();
            }
        }
    }

    /** The requested artifacts whose state must be read now. */
    private List<Place> due() {
        long now = System.nanoTime();
        return inWork.stream().filter(p -> p.lookAt - now <= 0).toList();
    }

    /** Adds artifacts to the window while there is space; returns whether it added any. */
    private boolean more() {
        int room = inWork.stream().anyMatch(p -> p.turnedAway)
                ? 0
                : Math.min(Math.min(Lookups.TOGETHER, IN_WORK - inWork.size()), WINDOW - window.size());
        long until = Math.min(total(), next + room);
        boolean any = next < until;
        while (next < until) {
            Place place = new Place(stored.warmup().key(next, lists));
            next++;
            window.add(place);
            inWork.add(place);
        }
        return any;
    }

    /** Reads the states of these artifacts; returns whether one was settled. */
    private boolean look(ExecutorService looks, List<Place> places) throws InterruptedException {
        boolean moved = false;
        for (int from = 0; from < places.size(); from += Lookups.TOGETHER) {
            List<Place> some = places.subList(from, Math.min(places.size(), from + Lookups.TOGETHER));
            List<Future<Optional<Warmup.Outcome>>> found = looks.invokeAll(some.stream()
                    .map(place -> (Callable<Optional<Warmup.Outcome>>) () -> ask(place))
                    .toList());
            for (int i = 0; i < some.size(); i++) {
                moved |= note(some.get(i), found.get(i));
            }
        }
        return moved;
    }

    private boolean note(Place place, Future<Optional<Warmup.Outcome>> found) throws InterruptedException {
        Optional<Warmup.Outcome> outcome = Optional.empty();
        try {
            outcome = found.get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof StoreException) && !(e.getCause() instanceof QueueUnavailableException)) {
                throw new IllegalStateException("warm-up " + stored.warmup().id() + ": " + e.getCause(), e);
            }
            warn("a call failed, to be retried: " + e.getCause().getMessage());
            place.pause = LAST_LOOK_NANOS;
        }
        if (outcome.isPresent()) {
            place.settled = outcome.get();
            inWork.remove(place);
            inWork.stream()
                    .filter(p -> p.turnedAway)
                    .min(Comparator.comparingLong(p -> p.lookAt))
                    .ifPresent(p -> p.lookAt = System.nanoTime());
            return true;
        }
        if (place.woken) {
            // The worker sends the event before its ack, so the queue may still hold the key.
            place.woken = false;
            place.pause = FIRST_LOOK_NANOS;
        }
        place.lookAt = System.nanoTime() + (place.turnedAway ? FULL_NANOS : place.pause);
        place.pause = Math.min(2 * place.pause, LAST_LOOK_NANOS);
        return false;
    }

    /** Requests the artifact. Empty while it is queued or in progress, or if the queue is full. */
    private Optional<Warmup.Outcome> ask(Place place) throws InterruptedException {
        Requested requested = compilations.request(place.key, Priority.WARM, Duration.ZERO);
        place.turnedAway = requested instanceof Requested.QueueFull;
        return switch (requested) {
            case Requested.State known ->
                switch (known.state()) {
                    case KeyState.Present p -> Optional.of(Warmup.Outcome.PRESENT);
                    case KeyState.Rejected r -> Optional.of(Warmup.Outcome.REJECTED);
                    case KeyState.Failed f -> Optional.of(Warmup.Outcome.FAILED);
                    case KeyState.Compiling c -> Optional.empty();
                    case KeyState.Absent a -> Optional.empty();
                };
            case Requested.ModuleUnknown m -> Optional.of(Warmup.Outcome.UNKNOWN);
            case Requested.NotServed n -> Optional.of(Warmup.Outcome.REFUSED);
            case Requested.QueueFull q -> Optional.empty();
            case Requested.Unknown u -> Optional.empty();
        };
    }

    private void advance() {
        for (Place first = window.peek(); first != null && first.settled != null; first = window.peek()) {
            counts = counts.plus(first.settled);
            cursor++;
            window.remove();
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
        Warmup at = stored.warmup().with(new Warmup.Progress(cursor, counts, ahead()));
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

    private Warmup.Counts ahead() {
        Warmup.Counts ahead = Warmup.Counts.NONE;
        for (Place place : window) {
            if (place.settled != null) {
                ahead = ahead.plus(place.settled);
            }
        }
        return ahead;
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
