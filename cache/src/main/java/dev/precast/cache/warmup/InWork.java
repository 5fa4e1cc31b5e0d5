package dev.precast.cache.warmup;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.Lookups;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.warmup.WarmupLane.Place;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.util.Comparator;
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
import java.util.function.Consumer;

/**
 * The artifacts that a warm-up has requested and that are not settled. Reads the state of an artifact after an event or
 * a few seconds. For one thread; events come on others.
 */
final class InWork implements AutoCloseable {
    static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long LAST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Compilations compilations;
    private final Consumer<String> warn;
    private final CompileEvents.Subscription subscription;
    private final ExecutorService looks = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore heard = new Semaphore(0);

    /** Several places may have the same key, because lists may overlap. */
    private final Set<Place> places = ConcurrentHashMap.newKeySet();

    /** @param warn logs a warning about a call that failed */
    InWork(Compilations compilations, Consumer<String> warn) {
        this.compilations = compilations;
        this.warn = warn;
        this.subscription = compilations.subscribe(this::wake);
    }

    /** Adds an artifact, which the next {@link #look} requests. */
    void add(Place place) {
        places.add(place);
    }

    /** Whether the queue was full when an artifact was last requested. */
    boolean isTurnedAway() {
        return places.stream().anyMatch(p -> p.turnedAway);
    }

    /** Waits for an event of an artifact, at most this long. */
    void await(Duration most) throws InterruptedException {
        if (heard.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS)) {
            heard.drainPermits();
        }
    }

    private void wake(ArtifactKey key) {
        for (Place place : places) {
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
        return places.stream().filter(p -> p.lookAt - now <= 0).toList();
    }

    /** Reads the states that must be read now; returns whether an artifact was settled. */
    boolean look() throws InterruptedException {
        List<Place> due = due();
        boolean moved = false;
        for (int from = 0; from < due.size(); from += Lookups.TOGETHER) {
            List<Place> some = due.subList(from, Math.min(due.size(), from + Lookups.TOGETHER));
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
                throw new IllegalStateException(String.valueOf(e.getCause()), e);
            }
            warn.accept("a call failed, to be retried: " + e.getCause().getMessage());
            place.pause = LAST_LOOK_NANOS;
        }
        if (outcome.isPresent()) {
            place.lane.settle(place, outcome.get());
            places.remove(place);
            places.stream()
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

    /** Requests the artifact. Empty while it is queued or in progress, if the queue is full, or if no worker takes requests. */
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
            case Requested.NoWorker n -> Optional.empty();
            case Requested.Unknown u -> Optional.empty();
        };
    }

    @Override
    public void close() {
        subscription.close();
        looks.close();
    }
}
