package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.json.JsonException;
import dev.precast.module.StaticCaps;
import dev.precast.protocol.KeyState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stored outcome of a key: reads, evaluates, signs and writes it. */
final class Outcome {
    /** Maximum delay of a request that returns to the queue for another worker. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);
    /** After this number of child starts, a failure also becomes a dead letter and the request is not repeated. */
    private static final int GIVEN_UP_AFTER = 5;

    private static final System.Logger LOG = System.getLogger(Outcome.class.getName());

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;
    private final Optional<CompileOutcome> before;

    /** Reads the stored outcome. */
    Outcome(Workbench bench, ServedLane lane, ArtifactKey key) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
        this.before = bench.stores().outcomes().find(key);
    }

    /** The answer, if the stored outcome is valid for this worker; otherwise null. */
    @Nullable
    Answer known() {
        return switch (before.orElse(null)) {
            case null -> null;
            case CompileOutcome.Rejected rejected
            when counts(rejected) -> {
                tell(CompileEvent.Kind.REJECTED);
                yield new Answer.Done("known");
            }
            case CompileOutcome.Rejected rejected -> null;
            case CompileOutcome.Failed failed -> {
                Duration left =
                        Duration.between(bench.clock().instant(), failed.state().retryAt());
                if (!left.isPositive()
                        || !failed.pack().equals(lane.pack().digest())
                        || bench.config().limits().mayDoBetterThan(failed.limits(), failed.cause())) {
                    yield null;
                }
                tell(CompileEvent.Kind.FAILED);
                if (failed.state().attempts() >= GIVEN_UP_AFTER) {
                    giveUp(failed);
                    yield new Answer.Done("given-up");
                }
                yield new Answer.HandBack(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
            }
        };
    }

    private boolean counts(CompileOutcome.Rejected rejected) {
        try {
            return rejected.pack().equals(lane.pack().digest())
                    && !bench.config().caps().widerThan(StaticCaps.fromJson(rejected.caps()));
        } catch (JsonException e) {
            return false; // A worker of another version wrote the caps in another form.
        }
    }

    /** Number of child starts so far. */
    private int attempts() {
        return before.map(outcome -> outcome instanceof CompileOutcome.Failed failed
                        ? failed.state().attempts()
                        : 0)
                .orElse(0);
    }

    /** Counts a child start in advance, so that a worker that crashes with its child does not retry at once. */
    void starting() {
        write(Cause.CRASH, "worker: did not finish the compilation");
    }

    Answer failed(Cause cause, String message) {
        CompileOutcome.Failed failed = write(cause, Rejection.shortened(message));
        if (failed.state().attempts() >= GIVEN_UP_AFTER) {
            giveUp(failed);
        }
        tell(CompileEvent.Kind.FAILED);
        return new Answer.Done("failed-" + cause.name().toLowerCase(Locale.ROOT));
    }

    /** Adds a dead letter. If this fails, the next failure adds it, because the failure itself is stored. */
    private void giveUp(CompileOutcome.Failed failed) {
        String reason = failed.state().cause() + ": " + failed.state().message();
        try {
            bench.deadLetters().add(new DeadLetter(key, reason, failed.state().attempts(), failed.at()));
        } catch (QueueUnavailableException e) {
            LOG.log(Level.WARNING, key + ": dead letter could not be stored: " + e.getMessage());
        }
    }

    private CompileOutcome.Failed write(Cause cause, String message) {
        int attempt = attempts() + 1;
        Instant now = bench.clock().instant();
        Duration delay = bench.config().times().backoff(attempt);
        CompileOutcome.Failed failed = new CompileOutcome.Failed(
                key,
                lane.pack().digest(),
                bench.config().limits(),
                new KeyState.Failed(cause.label(), message, attempt, now.plus(delay)),
                now);
        put(failed);
        return failed;
    }

    Answer rejected(Rejection why) {
        store(why);
        tell(CompileEvent.Kind.REJECTED);
        return new Answer.Done("rejected");
    }

    /**
     * Records that the module is rejected, then withdraws its artifact. In this order: if the artifact were withdrawn
     * first, the key would be absent for a moment, and the module would be compiled again.
     */
    void unloadable(Rejection why, Digest payload) {
        store(why);
        bench.stores().artifacts().withdraw(key, payload);
        tell(CompileEvent.Kind.REJECTED);
    }

    private void store(Rejection why) {
        put(new CompileOutcome.Rejected(
                key,
                lane.pack().digest(),
                lane.offer().caps(),
                new KeyState.Rejected(why.code(), why.message()),
                bench.clock().instant()));
    }

    /** Records that the artifact was published. */
    Answer compiled(long bytes) {
        bench.stores().outcomes().delete(key);
        tell(CompileEvent.Kind.COMPILED);
        return new Answer.Done("compiled", bytes);
    }

    /** Restores the outcome from before the child's start. */
    void restore() {
        before.ifPresentOrElse(this::put, () -> bench.stores().outcomes().delete(key));
    }

    private void put(CompileOutcome outcome) {
        bench.stores()
                .outcomes()
                .put(key, OutcomeRecord.sign(outcome, bench.signer().get()));
    }

    /** Publishes an event. Call it after the store was written, because receivers read the store. */
    private void tell(CompileEvent.Kind kind) {
        bench.events().publish(new CompileEvent(key, kind));
    }
}
