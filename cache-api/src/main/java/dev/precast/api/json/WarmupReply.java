package dev.precast.api.json;

import dev.precast.cache.warmup.Warmup;
import dev.precast.cache.warmup.Warmups.Begun;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is said to who asks for a warm-up. */
public sealed interface WarmupReply {
    /** When to ask again after too many run. */
    Duration TOO_MANY = Duration.ofMinutes(1);

    /** @param fresh whether this request began it */
    record Running(Progress progress, boolean fresh) implements WarmupReply {}

    /** @param retryAfter when asking again may help; empty if there is no time for that */
    record Refused(Problem problem, Optional<Duration> retryAfter) implements WarmupReply {
        Refused(Problem problem) {
            this(problem, Optional.empty());
        }
    }

    /**
     * How far a warm-up is.
     *
     * @param total artifacts, modules times lanes
     * @param left of them not settled yet
     */
    record Progress(
            String id,
            String state,
            long modules,
            List<LaneName> lanes,
            long total,
            long left,
            long present,
            long rejected,
            long failed,
            long unknown,
            long refused,
            String createdAt) {
        public static Progress of(Warmup w) {
            Warmup.Counts counts = w.progress();
            return new Progress(
                    w.id(),
                    w.state().label(),
                    w.modules(),
                    w.lanes().stream().map(LaneName::of).toList(),
                    w.total(),
                    w.total() - counts.total(),
                    counts.of(Warmup.Outcome.PRESENT),
                    counts.of(Warmup.Outcome.REJECTED),
                    counts.of(Warmup.Outcome.FAILED),
                    counts.of(Warmup.Outcome.UNKNOWN),
                    counts.of(Warmup.Outcome.REFUSED),
                    w.createdAt().toString());
        }
    }

    /** In the words of the protocol. */
    static WarmupReply of(Begun begun) {
        return switch (begun) {
            case Begun.Running r -> new Running(Progress.of(r.warmup()), r.fresh());
            case Begun.ListUnknown l ->
                new Refused(
                        Problem.Code.LIST_UNKNOWN.with("module list " + l.list() + " is not stored; send it first"));
            case Begun.LaneUnknown l -> new Refused(Problem.Code.ENGINE_NOT_SERVED.with(l.why()));
            case Begun.TooMany t ->
                new Refused(
                        Problem.Code.TOO_MANY_WARMUPS.with(t.most() + " warm-ups run already"), Optional.of(TOO_MANY));
        };
    }
}
