package dev.precast.cache.warmup;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A stored warm-up: modules, lanes and progress. The artifacts of a warm-up are numbered: first those of the first
 * module in all lanes, then those of the second module, and so on. An artifact is settled if its outcome is known. Each
 * lane makes progress by itself.
 *
 * @param id 32 hexadecimal digits; the same lists and lanes give the same id
 * @param parts the module lists, in order
 * @param lanes the lanes for each module, at least one
 * @param createdAt time of the last request, in whole seconds
 * @param state whether the warm-up is running, done or cancelled
 * @param progress number of settled artifacts and their outcomes
 * @param lease the replica that drives the warm-up, and until when; empty if there is none
 */
public record Warmup(
        String id,
        List<Part> parts,
        List<LaneId> lanes,
        Instant createdAt,
        State state,
        Progress progress,
        Optional<Lease> lease) {
    public Warmup {
        parts = List.copyOf(parts);
        lanes = List.copyOf(lanes);
        createdAt = createdAt.truncatedTo(ChronoUnit.SECONDS);
        if (lanes.isEmpty()) {
            throw new IllegalArgumentException("warm-up " + id + ": expected at least one lane");
        }
        if (progress.cursors().size() != lanes.size()) {
            throw new IllegalArgumentException("warm-up " + id + ": expected a cursor for each of " + lanes.size()
                    + " lanes, found " + progress.cursors().size());
        }
    }

    /** A new warm-up without a lease. */
    static Warmup of(List<Part> parts, List<LaneId> lanes, Instant now) {
        StringBuilder canonical = new StringBuilder("precast/warmup/v1\n");
        parts.forEach(part -> canonical.append("list ").append(part.list()).append('\n'));
        lanes.forEach(lane -> canonical.append("lane ").append(lane.digest()).append('\n'));
        String id = Digest.of(canonical.toString().getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 32);
        return new Warmup(id, parts, lanes, now, State.RUNNING, Progress.start(lanes.size()), Optional.empty());
    }

    /** @param modules number of modules in the list */
    public record Part(Digest list, int modules) {}

    /**
     * How far a warm-up is.
     *
     * @param cursors for each lane, the number of the first modules whose artifacts in that lane are all settled
     * @param below outcomes of the artifacts below the cursors
     * @param ahead outcomes of the settled artifacts above the cursors
     * @param setAside numbers of the lanes that have artifacts to settle and no live worker
     */
    record Progress(List<Long> cursors, Counts below, Counts ahead, List<Integer> setAside) {
        Progress {
            cursors = List.copyOf(cursors);
            setAside = List.copyOf(setAside);
        }

        /** Nothing is settled. */
        static Progress start(int lanes) {
            return new Progress(Collections.nCopies(lanes, 0L), Counts.NONE, Counts.NONE, List.of());
        }
    }

    /** @param driver random name of the replica */
    record Lease(String driver, Instant until) {}

    /** The state of a warm-up. */
    public enum State {
        RUNNING,
        DONE,
        CANCELLED;

        /** Lower case, as in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The outcome of an artifact in a warm-up. */
    public enum Outcome {
        /** The artifact exists. */
        PRESENT,
        /** The module was rejected. */
        REJECTED,
        /** The compilation failed; a retry may help. */
        FAILED,
        /** The module is not stored. */
        UNKNOWN,
        /** The lane is not registered, or the policy refuses its artifacts. */
        REFUSED;

        /** Lower case, as in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Numbers of settled artifacts by outcome. Immutable. */
    public static final class Counts {
        static final Counts NONE = new Counts(new EnumMap<>(Outcome.class));

        private final EnumMap<Outcome, Long> counts;

        private Counts(EnumMap<Outcome, Long> counts) {
            this.counts = counts;
        }

        public long of(Outcome outcome) {
            return counts.getOrDefault(outcome, 0L);
        }

        /** The sum of all numbers. */
        public long total() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }

        Counts plus(Outcome outcome) {
            EnumMap<Outcome, Long> more = new EnumMap<>(counts);
            more.merge(outcome, 1L, Long::sum);
            return new Counts(more);
        }

        Counts plus(Counts other) {
            EnumMap<Outcome, Long> more = new EnumMap<>(counts);
            other.counts.forEach((outcome, count) -> more.merge(outcome, count, Long::sum));
            return new Counts(more);
        }

        JsonObject toJson() {
            JsonObject json = JsonObject.EMPTY;
            for (Map.Entry<Outcome, Long> count : counts.entrySet()) {
                json = json.with(count.getKey().label(), count.getValue());
            }
            return json;
        }

        static Counts fromJson(JsonObject json) {
            EnumMap<Outcome, Long> counts = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                if (json.find(outcome.label()).isPresent()) {
                    counts.put(outcome, json.integer(outcome.label(), 0, Json.MAX_INT));
                }
            }
            return new Counts(counts);
        }
    }

    /** Number of modules. */
    public long modules() {
        return parts.stream().mapToLong(Part::modules).sum();
    }

    /** Number of artifacts. */
    public long total() {
        return modules() * lanes.size();
    }

    /** Outcomes of all artifacts that are settled. */
    public Counts settled() {
        return progress.below().plus(progress.ahead());
    }

    /** Numbers of the lanes that have artifacts to settle and no live worker; the warm-up does not wait for them. */
    public List<Integer> setAside() {
        return progress.setAside();
    }

    /** @param modules returns the modules of a list */
    ArtifactKey key(long number, Function<Digest, List<ModuleDigest>> modules) {
        long module = number / lanes.size();
        for (Part part : parts) {
            if (module < part.modules()) {
                return lanes.get((int) (number % lanes.size()))
                        .key(modules.apply(part.list()).get((int) module));
            }
            module -= part.modules();
        }
        throw new IndexOutOfBoundsException("warm-up " + id + ": no artifact with number " + number);
    }

    Warmup with(State now) {
        return new Warmup(id, parts, lanes, createdAt, now, progress, Optional.empty());
    }

    Warmup with(Lease now) {
        return new Warmup(id, parts, lanes, createdAt, state, progress, Optional.of(now));
    }

    Warmup with(Progress now) {
        return new Warmup(id, parts, lanes, createdAt, state, now, lease);
    }
}
