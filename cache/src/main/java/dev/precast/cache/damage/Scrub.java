package dev.precast.cache.damage;

import dev.precast.cache.damage.ScrubState.Count;
import dev.precast.cache.damage.ScrubState.Lease;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.ForeignTimes;
import dev.precast.cache.store.StoreException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything that is stored, one item after the other, so that damage is found before hosts find it. One replica
 * of a fleet performs a scrub; another one continues it if that replica ends.
 *
 * <p>Thread safe.
 */
public final class Scrub implements AutoCloseable {
    /** Time after which another replica continues a scrub whose replica has ended. Longer than the check of one item. */
    static final Duration LEASE = Duration.ofMinutes(10);

    static final Duration DAY = Duration.ofDays(1);
    /** Pause between two scrubs in the mode {@link Mode#CONTINUOUS}. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final System.Logger LOG = System.getLogger(Scrub.class.getName());
    private static final String DOCUMENT = "scrubs/last";
    private static final Duration SAVED = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMinutes(5);
    /** Pause after an item that could not be read, because the store may not be available. */
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    private final Mode mode;
    private final ScrubItems items;
    private final DocumentStore documents;
    private final InstantSource clock;
    private final ForeignTimes times;
    private final String replica = UUID.randomUUID().toString();
    private final BlockingQueue<Boolean> wake = new ArrayBlockingQueue<>(1);
    private final Thread thread;
    private volatile @Nullable ScrubState known;
    private volatile boolean driving;

    /** When a scrub starts by itself. */
    public enum Mode {
        /** Never. */
        OFF,
        /** A day after the start of the last one. */
        DAILY,
        /** A minute after the end of the last one. */
        CONTINUOUS
    }

    public Scrub(Mode mode, ScrubItems items, DocumentStore documents, InstantSource clock) {
        this.mode = mode;
        this.items = items;
        this.documents = documents;
        this.clock = clock;
        this.times = new ForeignTimes(clock);
        this.thread = Thread.ofVirtual().name("scrub").start(this::run);
    }

    /**
     * Starts a scrub now, unless one is running.
     *
     * @return the running scrub
     * @throws StoreException if the store fails
     */
    public ScrubState start() {
        Instant now = clock.instant();
        documents.update(DOCUMENT, before -> {
            Optional<ScrubState> last = before.flatMap(ScrubState::read);
            return last.filter(ScrubState::isRunning).isPresent()
                    ? null
                    : ScrubState.started(new Lease(replica, now), now, last.flatMap(ScrubState::wholeAt))
                            .toJson();
        });
        wake.offer(true);
        return last().orElseThrow(() -> new StoreException("scrub: its state was not stored; retry", true, null));
    }

    /**
     * The last scrub, running or ended. The state of a scrub of another replica may be half a minute old.
     *
     * @throws StoreException if the store fails
     */
    public Optional<ScrubState> last() {
        ScrubState own = known;
        if (driving && own != null) {
            return Optional.of(own);
        }
        Optional<ScrubState> stored = documents.find(DOCUMENT).flatMap(ScrubState::read);
        stored.ifPresent(state -> known = state);
        return stored;
    }

    /** End of the last whole scrub, as far as this replica knows. Reads no store. */
    public Optional<Instant> wholeAt() {
        return Optional.ofNullable(known).flatMap(ScrubState::wholeAt);
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Duration pause = mode == Mode.CONTINUOUS ? PAUSE : LOOK;
                // A random pause, so that replicas that start together do not look together.
                double part = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
                wake.poll((long) (pause.toNanos() * part), TimeUnit.NANOSECONDS);
                try {
                    turn();
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "scrub: interrupted, to be continued: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Performs a scrub that is due, or the rest of one that no other replica performs. */
    void turn() throws InterruptedException {
        Optional<DocumentStore.Document> stored = documents.find(DOCUMENT);
        Optional<ScrubState> last = stored.flatMap(ScrubState::read);
        known = last.orElse(null);
        Instant now = clock.instant();
        Lease lease = new Lease(replica, now.plus(LEASE));
        if (last.filter(ScrubState::isRunning).isPresent()) {
            Lease held = last.get().lease();
            if (held.driver().equals(replica) || times.hasPassed(held, held.until(), LEASE)) {
                perform(last.get().with(lease), stored);
            }
        } else if (isDue(last)) {
            perform(ScrubState.started(lease, now, last.flatMap(ScrubState::wholeAt)), stored);
        }
    }

    private boolean isDue(Optional<ScrubState> last) {
        return switch (mode) {
            case OFF -> false;
            case DAILY ->
                last.map(ScrubState::startedAt)
                        .filter(at -> !times.hasEnded(at, at, DAY))
                        .isEmpty();
            case CONTINUOUS ->
                last.flatMap(ScrubState::wholeAt)
                        .filter(at -> !times.hasEnded(at, at, PAUSE))
                        .isEmpty();
        };
    }

    private void perform(ScrubState from, Optional<DocumentStore.Document> before) throws InterruptedException {
        String version = documents
                .put(
                        DOCUMENT,
                        from.toJson(),
                        before.map(DocumentStore.Document::version).orElse(null))
                .orElse(null);
        if (version == null) {
            return; // Another replica was faster.
        }
        known = from;
        driving = true;
        try {
            pass(from, new Saved(version, clock.instant()));
        } finally {
            driving = false;
        }
    }

    private record Saved(String version, Instant at) {}

    /** Checks all items after the current one. */
    private void pass(ScrubState from, Saved first) throws InterruptedException {
        Saved saved = first;
        ScrubState state = from;
        try {
            while (state.isRunning()) {
                List<String> page = items.page(state.phase(), state.after());
                for (String item : page) {
                    state = state.checked(item, checked(state.phase(), item));
                    known = state;
                    if (!clock.instant().isBefore(saved.at().plus(SAVED))) {
                        state = state.with(new Lease(replica, clock.instant().plus(LEASE)));
                        saved = save(state, saved);
                    }
                }
                if (page.size() < ScrubItems.PAGE) {
                    state = state.nextPhase(clock.instant());
                    saved = save(state, saved);
                    known = state;
                }
            }
            LOG.log(Level.INFO, "scrub: checked " + state.counts());
        } catch (InterruptedException e) {
            // Frees the lease, so that another replica need not wait for its end.
            save(state.with(new Lease(replica, clock.instant())), saved);
            throw e;
        }
    }

    private Map<Count, Long> checked(ScrubState.Phase phase, String item) throws InterruptedException {
        Map<Count, Long> found = items.check(phase, item);
        if (Thread.interrupted()) {
            throw new InterruptedException("scrub: stopped"); // The interrupt may have stopped the check.
        }
        if (found.containsKey(Count.UNKNOWN)) {
            Thread.sleep(AFTER_TROUBLE);
        }
        return found;
    }

    private Saved save(ScrubState state, Saved before) {
        String version = documents
                .put(DOCUMENT, state.toJson(), before.version())
                .orElseThrow(() -> new StoreException("another replica continues it", false, null));
        return new Saved(version, clock.instant());
    }

    /** Stops. Another replica, or this one after its next start, continues a running scrub. */
    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
