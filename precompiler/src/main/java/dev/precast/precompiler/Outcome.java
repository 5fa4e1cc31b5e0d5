package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.outcome.Judge;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.protocol.KeyState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stored outcome of a key: reads, evaluates, signs and writes it. */
final class Outcome {
    /** After this number of attempts, a failure also becomes a dead letter and the request is not repeated. */
    private static final int GIVEN_UP_AFTER = 5;

    /** The message of a failure that earlier versions stored before a child's start. It says nothing about the module. */
    private static final String UNFINISHED = "worker: did not finish the compilation";

    private static final System.Logger LOG = System.getLogger(Outcome.class.getName());

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;
    private final Optional<CompileOutcome> before;
    /** Decides on {@link #before}, so it needs the terms of other workers only if there is an outcome from before. */
    private final Judge judge;

    /** Reads the stored outcome. */
    Outcome(Workbench bench, ServedLane lane, ArtifactKey key) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
        this.before = bench.stores().outcomes().find(key);
        this.judge = before.isPresent()
                ? judgeNow()
                : new Judge(List.of(terms()), bench.clock().instant());
    }

    /** Decides by what all workers announce now, and by the terms of this worker. */
    private Judge judgeNow() {
        List<CompileTerms> workers = new ArrayList<>(WorkerNotice.terms(
                bench.messages().workers().alive(), key.lane().digest(), terms().pack()));
        workers.add(terms());
        return new Judge(workers, bench.clock().instant());
    }

    private CompileTerms terms() {
        return lane.offer().terms();
    }

    /** The answer, if the stored outcome counts or another worker must compile the key; otherwise null. */
    @Nullable
    Answer known() {
        CompileOutcome stored = before.orElse(null);
        if (stored == null || isUnfinished(stored)) {
            return null;
        }
        if (!judge.counts(stored)) {
            return judge.mustCompile(terms(), stored) ? null : leave();
        }
        return switch (stored) {
            case CompileOutcome.Rejected rejected -> answer(rejected, "known");
            case CompileOutcome.Failed failed when isGivenUp(failed) -> answer(failed, "given-up");
            case CompileOutcome.Failed failed -> answer(failed, "known");
        };
    }

    /** Returns the request to the queue, because another worker may do better. */
    private Answer leave() {
        return new Answer.HandBack(bench.left().delay(key));
    }

    /** Ends the request with an outcome, which is stored. */
    private Answer answer(CompileOutcome outcome, String label) {
        switch (outcome) {
            case CompileOutcome.Rejected _ -> tell(CompileEvent.Kind.REJECTED);
            case CompileOutcome.Failed failed -> {
                if (isGivenUp(failed)) {
                    giveUp(failed);
                }
                tell(CompileEvent.Kind.FAILED);
            }
        }
        return new Answer.Done(label);
    }

    private static boolean isGivenUp(CompileOutcome.Failed failed) {
        return failed.state().attempts() >= GIVEN_UP_AFTER;
    }

    /** Number of attempts so far: compilations that ended because of what the module did. */
    private int attempts() {
        return before.orElse(null) instanceof CompileOutcome.Failed failed
                ? failed.state().attempts() - (isUnfinished(failed) ? 1 : 0)
                : 0;
    }

    private static boolean isUnfinished(CompileOutcome outcome) {
        return outcome instanceof CompileOutcome.Failed failed
                && failed.state().message().equals(UNFINISHED);
    }

    Answer failed(Cause cause, String message) {
        return answerOrLeave(write(cause, Rejection.shortened(message)), "failed-" + cause.label());
    }

    /** Answers with an outcome that was just stored, or leaves the request to a worker that may do better. */
    private Answer answerOrLeave(CompileOutcome outcome, String label) {
        return judgeNow().mayImprove(outcome) ? leave() : answer(outcome, label);
    }

    /** Adds a dead letter. If this fails, the next failure adds it, because the failure itself is stored. */
    private void giveUp(CompileOutcome.Failed failed) {
        String reason = failed.state().cause() + ": " + failed.state().message();
        try {
            bench.messages()
                    .deadLetters()
                    .add(new DeadLetter(key, reason, failed.state().attempts(), failed.at()));
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
                terms().pack(),
                tried().limits(),
                new KeyState.Failed(cause.label(), message, attempt, now.plus(delay)),
                now);
        put(failed);
        return failed;
    }

    /** The terms on which the module has been tried, now that this worker has tried it. */
    private CompileTerms tried() {
        return before.map(outcome -> judge.including(outcome, terms())).orElse(terms());
    }

    Answer rejected(Rejection why) {
        CompileOutcome.Rejected rejected = rejection(why);
        // A rejection that does not count must not replace a failure that stands: the worker that failed would compile
        // the module again, then this worker, and so on.
        CompileOutcome outcome = before.orElse(null) instanceof CompileOutcome.Failed failed
                        && judge.stands(failed)
                        && judge.mayImprove(rejected)
                ? new CompileOutcome.Failed(key, failed.pack(), tried().limits(), failed.state(), failed.at())
                : rejected;
        put(outcome);
        return answerOrLeave(outcome, "rejected");
    }

    /**
     * Records that the module is rejected, then withdraws its artifact. In this order: if the artifact were withdrawn
     * first, the key would be absent for a moment, and the module would be compiled again.
     */
    void unloadable(Rejection why, Digest payload) {
        put(rejection(why));
        bench.stores().artifacts().withdraw(key, payload);
        tell(CompileEvent.Kind.REJECTED);
    }

    private CompileOutcome.Rejected rejection(Rejection why) {
        return new CompileOutcome.Rejected(
                key,
                terms().pack(),
                tried().caps(),
                new KeyState.Rejected(why.code(), why.message()),
                bench.clock().instant());
    }

    /** Records that the artifact was published. */
    Answer compiled(long bytes) {
        if (before.isPresent()) {
            bench.stores().outcomes().delete(key);
        }
        tell(CompileEvent.Kind.COMPILED);
        return new Answer.Done("compiled", bytes);
    }

    private void put(CompileOutcome outcome) {
        bench.stores()
                .outcomes()
                .put(key, OutcomeRecord.sign(outcome, bench.signer().get()));
    }

    /** Publishes an event. Call it after the store was written, because receivers read the store. */
    private void tell(CompileEvent.Kind kind) {
        bench.messages().events().publish(new CompileEvent(key, kind));
    }
}
