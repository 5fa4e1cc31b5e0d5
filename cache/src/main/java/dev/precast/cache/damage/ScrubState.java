package dev.precast.cache.damage;

import dev.precast.cache.store.DocumentStore;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The progress of the last scrub. The document {@code scrubs/last} stores it, so that a scrub continues after a restart.
 *
 * @param lease the replica that performs the scrub
 * @param startedAt when the scrub started
 * @param phase what is checked now
 * @param after the last item of the phase that was checked; empty before the first
 * @param counts what was checked and found, each count at least 0
 * @param wholeAt end of the last scrub that checked everything, this one or an earlier one; empty if there is none
 */
public record ScrubState(
        Lease lease, Instant startedAt, Phase phase, String after, Map<Count, Long> counts, Optional<Instant> wholeAt) {
    private static final String COUNTS = "counts";
    private static final String WHOLE_AT = "wholeAt";

    public ScrubState {
        counts = Map.copyOf(counts);
    }

    /** What is checked, in this order. */
    public enum Phase {
        ARTIFACTS,
        MODULES,
        ENDED;

        Phase next() {
            return this == ARTIFACTS ? MODULES : ENDED;
        }
    }

    /** What a scrub counts. */
    public enum Count {
        /** Artifacts whose payloads were read. */
        ARTIFACTS,
        /** Bytes of the payloads and modules that were read. */
        BYTES,
        /** Artifacts with a damaged or missing form, which was rebuilt or deleted. */
        REBUILT,
        /** Artifacts without an undamaged form; their payloads were deleted. */
        DELETED,
        /** Attestations that are damaged, that the policy does not accept, or without a payload. */
        ABSENT,
        /** Artifacts and modules that could not be read or were not deleted. */
        UNKNOWN,
        /** Modules that were read. */
        MODULES,
        /** Damaged modules, which were deleted. */
        DELETED_MODULES;

        /** The name of the JSON member. */
        public String label() {
            return this == DELETED_MODULES ? "deletedModules" : name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The right of one replica to perform the scrub.
     *
     * @param driver the replica
     * @param until when another replica may continue the scrub
     */
    public record Lease(String driver, Instant until) {}

    /** A scrub that has checked nothing. */
    static ScrubState started(Lease lease, Instant now, Optional<Instant> wholeAt) {
        return new ScrubState(lease, now, Phase.ARTIFACTS, "", Map.of(), wholeAt);
    }

    ScrubState with(Lease other) {
        return new ScrubState(other, startedAt, phase, after, counts, wholeAt);
    }

    /** The state after another item. */
    ScrubState checked(String item, Map<Count, Long> found) {
        Map<Count, Long> sum = new EnumMap<>(Count.class);
        sum.putAll(counts);
        found.forEach((count, number) -> sum.merge(count, number, Long::sum));
        return new ScrubState(lease, startedAt, phase, item, sum, wholeAt);
    }

    /** The state at the start of the next phase. */
    ScrubState nextPhase(Instant now) {
        Phase next = phase.next();
        return new ScrubState(lease, startedAt, next, "", counts, next == Phase.ENDED ? Optional.of(now) : wholeAt);
    }

    public boolean isRunning() {
        return phase != Phase.ENDED;
    }

    public long count(Count count) {
        return counts.getOrDefault(count, 0L);
    }

    byte[] toJson() {
        JsonObject numbers = JsonObject.EMPTY;
        for (Map.Entry<Count, Long> count : counts.entrySet()) {
            numbers = numbers.with(count.getKey().label(), count.getValue());
        }
        JsonObject json = JsonObject.EMPTY
                .with("driver", lease.driver())
                .with("until", lease.until().toString())
                .with("startedAt", startedAt.toString())
                .with("phase", phase.name().toLowerCase(Locale.ROOT))
                .with("after", after)
                .with(COUNTS, numbers);
        if (wholeAt.isPresent()) {
            json = json.with(WHOLE_AT, wholeAt.get().toString());
        }
        return json.canonical().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the stored state; empty if it is damaged. */
    static Optional<ScrubState> read(DocumentStore.Document document) {
        return document.read("scrub", ScrubState::fromJson);
    }

    private static ScrubState fromJson(JsonObject json) {
        Map<Count, Long> counts = new EnumMap<>(Count.class);
        JsonObject numbers = json.object(COUNTS);
        for (Count count : Count.values()) {
            if (numbers.find(count.label()).isPresent()) {
                counts.put(count, numbers.integer(count.label(), 0, Json.MAX_INT));
            }
        }
        return new ScrubState(
                new Lease(json.string("driver"), Instant.parse(json.string("until"))),
                Instant.parse(json.string("startedAt")),
                Phase.valueOf(json.string("phase").toUpperCase(Locale.ROOT)),
                json.string("after"),
                counts,
                json.find(WHOLE_AT).map(at -> Instant.parse(at.asString(WHOLE_AT))));
    }
}
