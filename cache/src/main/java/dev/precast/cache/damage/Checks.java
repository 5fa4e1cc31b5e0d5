package dev.precast.cache.damage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The queue of keys whose payloads are to be checked, and the thread that checks one after the other. Holds each key
 * once.
 *
 * <p>Thread safe.
 */
public final class Checks implements AutoCloseable {
    /** Maximum number of keys in the queue. */
    static final int MAX_QUEUED = 256;
    /** Maximum number of keys that one caller has in the queue. */
    static final int MAX_A_CALLER = 8;
    /** The caller of checks that this process wants itself; its number of keys has no limit of its own. */
    private static final String SELF = "";

    /** How long a payload that was found whole is not read again because of a report. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private static final int MAX_FRESH = 10_000;
    private static final System.Logger LOG = System.getLogger(Checks.class.getName());

    private final Function<ArtifactKey, Healed> healer;
    private final Cache<ArtifactKey, Healed> whole;
    private final Map<ArtifactKey, Job> queued = new LinkedHashMap<>();
    private final LinkedBlockingQueue<ArtifactKey> order = new LinkedBlockingQueue<>();
    private final Thread thread;

    /** @param healer checks one key, as {@link Healer#heal} does */
    public Checks(Function<ArtifactKey, Healed> healer, Ticker ticker) {
        this.healer = healer;
        this.whole = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(FRESH)
                .maximumSize(MAX_FRESH)
                .build();
        this.thread = Thread.ofVirtual().name("checks").start(this::run);
    }

    private record Job(String caller, CompletableFuture<Healed> result) {}

    /** The answer to a request for a check. */
    public sealed interface Submitted {
        record Done(Healed healed) implements Submitted {}

        /** The key is in the queue, or is being checked. */
        record Running() implements Submitted {}

        /** The queue is full, or the caller has too many keys in it. */
        record Full() implements Submitted {}
    }

    /**
     * Requests a check for a caller, who may be wrong.
     *
     * @param wait maximum time to wait for the result
     */
    public Submitted request(ArtifactKey key, String caller, Duration wait) throws InterruptedException {
        Healed known = whole.getIfPresent(key);
        return known == null ? submit(key, "caller " + caller, wait) : new Submitted.Done(known);
    }

    /** Requests a check of a payload in which this process has found damage. Does not wait. */
    public void doubt(ArtifactKey key) {
        enqueue(key, SELF);
    }

    /** Like {@link #doubt}, but waits for the result. */
    public Submitted doubt(ArtifactKey key, Duration wait) throws InterruptedException {
        return submit(key, SELF, wait);
    }

    private Submitted submit(ArtifactKey key, String caller, Duration wait) throws InterruptedException {
        Job job = enqueue(key, caller);
        if (job == null) {
            return new Submitted.Full();
        }
        try {
            return new Submitted.Done(job.result.get(wait.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return new Submitted.Running();
        } catch (ExecutionException e) {
            throw new AssertionError("checks complete with a result", e);
        }
    }

    /** Adds the key to the queue, unless it is there; null if there is no room for it. */
    private @Nullable Job enqueue(ArtifactKey key, String caller) {
        synchronized (queued) {
            Job job = queued.get(key);
            if (job == null) {
                long own = queued.values().stream()
                        .filter(other -> other.caller.equals(caller))
                        .count();
                if (queued.size() >= MAX_QUEUED || (!caller.equals(SELF) && own >= MAX_A_CALLER)) {
                    return null;
                }
                job = new Job(caller, new CompletableFuture<>());
                queued.put(key, job);
                order.add(key);
            }
            return job;
        }
    }

    /** Number of keys in the queue, with the one that is being checked. */
    public int size() {
        synchronized (queued) {
            return queued.size();
        }
    }

    private void run() {
        try {
            while (true) {
                ArtifactKey key = order.take();
                Healed healed = heal(key);
                if (healed == Healed.WHOLE) {
                    whole.put(key, healed);
                } else {
                    whole.invalidate(key);
                }
                synchronized (queued) {
                    Job job = queued.remove(key);
                    if (job != null) {
                        job.result.complete(healed);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Healed heal(ArtifactKey key) {
        try {
            return healer.apply(key);
        } catch (RuntimeException | LinkageError e) {
            LOG.log(Level.ERROR, "check of " + key + ": failed: " + e, e);
            return Healed.UNKNOWN;
        }
    }

    /** Stops. Keys that were not checked are checked when they are requested again. */
    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
        synchronized (queued) {
            queued.values().forEach(job -> job.result.complete(Healed.UNKNOWN));
            queued.clear();
        }
    }
}
