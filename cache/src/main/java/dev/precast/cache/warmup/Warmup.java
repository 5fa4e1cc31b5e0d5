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
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A warm-up as it is stored: the artifacts of some modules in some lanes, and how far it has come. They are numbered:
 * the lanes of the first module, then those of the second.
 *
 * @param id 32 hexadecimal digits; the same lists and lanes have the same
 * @param parts the lists, in order
 * @param lanes for each module, at least one
 * @param createdAt when it was asked for, last, to the second
 * @param state whether it goes on
 * @param progress which artifacts are settled
 * @param lease who drives it; empty if nobody does
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
    }

    /** A new one, that nobody drives yet. */
    static Warmup of(List<Part> parts, List<LaneId> lanes, Instant now) {
        StringBuilder canonical = new StringBuilder("precast/warmup/v1\n");
        parts.forEach(part -> canonical.append("list ").append(part.list()).append('\n'));
        lanes.forEach(lane -> canonical.append("lane ").append(lane.digest()).append('\n'));
        String id = Digest.of(canonical.toString().getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 32);
        return new Warmup(
                id, parts, lanes, now, State.RUNNING, new Progress(0, Counts.NONE, Counts.NONE), Optional.empty());
    }

    /** @param modules how many it has */
    public record Part(Digest list, int modules) {}

    /**
     * @param cursor all artifacts below this number are settled
     * @param below how those are settled
     * @param ahead how others are settled
     */
    record Progress(long cursor, Counts below, Counts ahead) {}

    /** @param driver who has it, by a name made at random */
    record Lease(String driver, Instant until) {}

    /** Whether it goes on. */
    public enum State {
        RUNNING,
        DONE,
        CANCELLED;

        /** Lower case, as in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How an artifact is settled. */
    public enum Outcome {
        /** It exists. */
        PRESENT,
        /** The module's fault. */
        REJECTED,
        /** Time, memory or a crash; asking again later may do better. */
        FAILED,
        /** The module is not stored. */
        UNKNOWN,
        /** The lane is not registered, or the policy would refuse what it makes. */
        REFUSED;

        /** Lower case, as in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How many artifacts were settled in which way. Immutable. */
    public static final class Counts {
        static final Counts NONE = new Counts(new EnumMap<>(Outcome.class));

        private final EnumMap<Outcome, Long> counts;

        private Counts(EnumMap<Outcome, Long> counts) {
            this.counts = counts;
        }

        public long of(Outcome outcome) {
            return counts.getOrDefault(outcome, 0L);
        }

        /** All together. */
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

    /** How many modules. */
    public long modules() {
        return parts.stream().mapToLong(Part::modules).sum();
    }

    /** How many artifacts. */
    public long total() {
        return modules() * lanes.size();
    }

    /** How artifacts are settled so far. */
    public Counts settled() {
        return progress.below().plus(progress.ahead());
    }

    /** @param modules gives those of a list */
    ArtifactKey key(long number, Function<Digest, List<ModuleDigest>> modules) {
        long module = number / lanes.size();
        for (Part part : parts) {
            if (module < part.modules()) {
                return lanes.get((int) (number % lanes.size()))
                        .key(modules.apply(part.list()).get((int) module));
            }
            module -= part.modules();
        }
        throw new IndexOutOfBoundsException("warm-up " + id + ": there is no artifact " + number);
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
