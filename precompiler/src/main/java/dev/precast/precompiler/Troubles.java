package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.NoPolicyException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a worker from taking requests: conditions that its process checks, and errors that are not a module's, such
 * as a full store. After three errors in a row, or one of the machine itself, the worker takes no requests until a
 * {@link Trial} works, which it repeats after pauses that double up to a minute. After the trial one further error is
 * enough to stop it again; a result that could be stored ends the count.
 *
 * <p>Thread safe.
 */
final class Troubles {
    /** Errors in a row after which the worker takes no requests. */
    static final int BUDGET = 3;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);
    private static final int MOST_KEYS = 1000;
    private static final Pattern BROKEN = Pattern.compile("Read-only file system|Input/output error");

    private final Supplier<Optional<Trouble>> conditions;
    private final Attempt trial;
    private final LongSupplier nanos;
    private final ReentrantLock trying = new ReentrantLock();
    private final Map<ArtifactKey, Integer> failures = new LinkedHashMap<>();
    private int errors;
    private Duration pause = FIRST_PAUSE;
    private long nextTrial;
    private @Nullable Trouble stopped;
    private @Nullable Trouble queue;

    /** Tries what compilations need. */
    @FunctionalInterface
    interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    /**
     * @param conditions why this process must not take requests now; called before each request
     * @param trial as {@link Trial}
     * @param nanos nanoseconds since any origin, such as {@link System#nanoTime}
     */
    Troubles(Supplier<Optional<Trouble>> conditions, Attempt trial, LongSupplier nanos) {
        this.conditions = conditions;
        this.trial = trial;
        this.nanos = nanos;
    }

    /** Makes the trouble of an exception that says nothing about a module. */
    static Trouble of(Throwable e) {
        boolean explains = e instanceof IOException || e instanceof StoreException;
        return new Trouble(kind(e), explains ? String.valueOf(e.getMessage()) : e.toString());
    }

    private static Kind kind(Throwable e) {
        if (isOfDisk(e)) {
            return Kind.DISK;
        }
        return switch (e) {
            case FullDiskException _ -> Kind.DISK;
            case NoPolicyException _ -> Kind.POLICY;
            case RefusedByPolicyException _ -> Kind.POLICY;
            case StoreException _ -> Kind.STORE;
            case SupervisorTroubleException _ -> Kind.MACHINE;
            case VirtualMachineError _ -> Kind.MACHINE;
            default -> Kind.OTHER;
        };
    }

    private static boolean isOfDisk(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException of
                    && (StoreFullException.isFull(of)
                            || BROKEN.matcher(String.valueOf(of.getMessage())).find())) {
                return true;
            }
        }
        return false;
    }

    /** Why the worker takes no requests now; empty if it takes requests. */
    Optional<Trouble> current() {
        Optional<Trouble> condition = conditions.get();
        synchronized (this) {
            return condition.or(() -> Optional.ofNullable(stopped)).or(() -> Optional.ofNullable(queue));
        }
    }

    /** The trouble of the disk, if this process has it now. */
    Optional<Trouble> disk() {
        return conditions.get().filter(trouble -> trouble.kind() == Kind.DISK);
    }

    /** Whether a slot may take a request now. Makes the trial that is due. */
    boolean mayTake() throws InterruptedException {
        return conditions.get().isEmpty() && (!isStopped() || tryAgain());
    }

    private synchronized boolean isStopped() {
        return stopped != null;
    }

    private synchronized boolean isTrialDue() {
        return stopped != null && nanos.getAsLong() - nextTrial >= 0;
    }

    /** Makes a trial if one is due and no other slot makes it; returns whether it worked. */
    private boolean tryAgain() throws InterruptedException {
        if (!isTrialDue() || !trying.tryLock()) {
            return false;
        }
        try {
            trial.run();
            resume();
            return true;
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            stop(of(e));
            return false;
        } finally {
            trying.unlock();
        }
    }

    private synchronized void resume() {
        stopped = null;
        errors = BUDGET - 1;
    }

    /** Stops taking requests until a trial works. */
    synchronized void stop(Trouble why) {
        stopped = why;
        nextTrial = nanos.getAsLong() + pause.toNanos();
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }

    /**
     * Counts an error while the worker answered a request.
     *
     * @return how often this worker has met an error with this key, at least 1
     */
    synchronized int failed(ArtifactKey key, Trouble why) {
        errors += switch (why.kind()) {
            // What the policy refuses for one key says nothing about others; the conditions check the policy itself.
            case POLICY -> 0;
            // A module may cause a mistake of the worker again and again, and must not stop it for others.
            case OTHER -> failures.containsKey(key) ? 0 : 1;
            case CLOCK, DISK, MACHINE, QUEUE, STORE -> 1;
        };
        if (errors >= BUDGET && stopped == null) {
            stop(why);
        }
        if (failures.size() >= MOST_KEYS && !failures.containsKey(key)) {
            failures.remove(failures.keySet().iterator().next());
        }
        return failures.merge(key, 1, Integer::sum);
    }

    /** Tells that a result of this key was stored, so the worker's surroundings work. */
    synchronized void succeeded(ArtifactKey key) {
        failures.remove(key);
        if (stopped == null) {
            errors = 0;
            pause = FIRST_PAUSE;
        }
    }

    /** Delay of a request that goes back to the queue after the {@code count}th error with its key. */
    static Duration delay(int count) {
        return shorter(FIRST_PAUSE.multipliedBy(1L << Math.min(count - 1, 10)), LONGEST_DELAY);
    }

    synchronized void queueAnswered() {
        queue = null;
    }

    /** Records that the queue does not answer. Slots continue to ask it. */
    synchronized void queueFailed(String why) {
        queue = new Trouble(Kind.QUEUE, why);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
