package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.store.UnfinishedStarts.Starts;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The unfinished starts of a key during one compilation. They are no attempts: an evicted worker is no fault of the
 * module. But if one worker after the other ends during a compilation, the module may be the reason, so further starts
 * are delayed.
 */
final class StartCount {
    /** Number of unfinished starts in a row that delay nothing. */
    private static final int FREE = 2;

    private static final System.Logger LOG = System.getLogger(StartCount.class.getName());

    private final Workbench bench;
    private final ArtifactKey key;
    private final UnfinishedStarts stored;
    private final Optional<Starts> before;
    private boolean counted;

    /** Reads the stored count. */
    StartCount(Workbench bench, ArtifactKey key) {
        this.bench = bench;
        this.key = key;
        this.stored = bench.stores().starts();
        this.before = stored.find(key);
    }

    /** How long the next start must wait; zero if it may start now. */
    Duration delay() {
        Starts starts = before.orElse(null);
        if (starts == null || starts.count() <= FREE) {
            return Duration.ZERO;
        }
        Instant next = starts.at().plus(bench.config().times().backoff(starts.count() - FREE));
        Duration left = Duration.between(bench.clock().instant(), next);
        if (!left.isPositive()) {
            return Duration.ZERO;
        }
        LOG.log(
                Level.WARNING,
                key + ": " + starts.count() + " workers in a row ended while they compiled it; next start in "
                        + left.toSeconds() + " s");
        return left;
    }

    /** Counts a start, before the child starts. */
    void begin() {
        stored.put(
                key,
                new Starts(
                        before.map(Starts::count).orElse(0) + 1, bench.clock().instant()));
        counted = true;
    }

    /** Forgets all starts, because there is a result. */
    void end() {
        if (counted || before.isPresent()) {
            stored.delete(key);
        }
    }

    /** Takes this start back, because it ended for a reason that says nothing about the module. */
    void takeBack() {
        if (!counted) {
            return;
        }
        try {
            before.ifPresentOrElse(starts -> stored.put(key, starts), () -> stored.delete(key));
        } catch (StoreException e) {
            LOG.log(Level.WARNING, key + ": unfinished start could not be taken back: " + e.getMessage());
        }
    }
}
