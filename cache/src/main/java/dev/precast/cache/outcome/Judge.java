package dev.precast.cache.outcome;

import java.time.Instant;
import java.util.List;

/**
 * Decides whether a stored outcome counts, from what workers announce now. API replicas and workers both use it, so that
 * a worker acks a request only with an answer that the API accepts.
 *
 * <p>A worker that compiles because it may do better than a stored outcome stores one that {@linkplain #including
 * includes} the terms of that outcome. So none of the earlier workers may do better than the new one, and workers do not
 * compile a key again and again in turns.
 *
 * @param workers the terms of the live workers of the lane; a worker that asks includes its own
 * @param now the caller's time
 */
public record Judge(List<CompileTerms> workers, Instant now) {
    public Judge {
        workers = List.copyOf(workers);
    }

    /** Whether the outcome is the answer to a request. If not, the key must be compiled. */
    public boolean counts(CompileOutcome outcome) {
        return stands(outcome) && !mayImprove(outcome);
    }

    /**
     * Whether the worker with these terms must compile the key. If it need not and the outcome does not count, another
     * worker must compile the key.
     */
    public boolean mustCompile(CompileTerms worker, CompileOutcome outcome) {
        return !stands(outcome) || worker.mayDoBetterThan(outcome);
    }

    /** Whether a live worker may do better, with this or another pack. */
    public boolean mayImprove(CompileOutcome outcome) {
        return workers.stream().anyMatch(worker -> worker.mayDoBetterThan(outcome));
    }

    /**
     * Whether a live worker has the outcome's pack, and the back-off of a failure has not ended. One such worker is
     * enough: with two builds of a pack side by side, the outcome of either build counts.
     */
    public boolean stands(CompileOutcome outcome) {
        return workers.stream().anyMatch(worker -> worker.pack().equals(outcome.pack()))
                && !(outcome instanceof CompileOutcome.Failed failed
                        && !now.isBefore(failed.state().retryAt()));
    }

    /**
     * The terms under which the module has been tried, if {@code worker} has just tried it: those of the worker, with
     * each limit or cap at least as high as in the outcome from before, if that one still stands.
     */
    public CompileTerms including(CompileOutcome before, CompileTerms worker) {
        if (!stands(before)) {
            return worker;
        }
        return switch (before) {
            case CompileOutcome.Rejected rejected ->
                new CompileTerms(worker.pack(), worker.limits(), worker.capsRaisedTo(rejected.caps()));
            case CompileOutcome.Failed failed ->
                new CompileTerms(worker.pack(), worker.limits().raisedTo(failed.limits()), worker.caps());
        };
    }
}
