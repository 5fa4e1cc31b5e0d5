package dev.precast.module;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Limits of modules. A worker checks a module against them before it starts a child process, and rejects the module if
 * it exceeds one.
 *
 * @param limits the largest allowed value of each cap
 */
public record StaticCaps(Map<Cap, Long> limits) {
    /** The defaults of {@link Cap}. */
    public static final StaticCaps DEFAULT =
            new StaticCaps(Arrays.stream(Cap.values()).collect(Collectors.toMap(cap -> cap, Cap::defaultLimit)));

    /** @throws IllegalArgumentException if a cap is missing or outside 0 to 2^53-1 */
    public StaticCaps {
        for (Cap cap : Cap.values()) {
            Long limit = limits.get(cap);
            if (limit == null || limit < 0 || limit > Json.MAX_INT) {
                throw new IllegalArgumentException("cap " + cap.label() + ": expected 0 to 2^53-1, found " + limit);
            }
        }
        limits = Collections.unmodifiableMap(new EnumMap<>(limits));
    }

    /** A copy with another limit for one cap. */
    public StaticCaps with(Cap cap, long limit) {
        Map<Cap, Long> changed = new EnumMap<>(limits);
        changed.put(cap, limit);
        return new StaticCaps(changed);
    }

    /** The largest allowed value of a cap. */
    public long limit(Cap cap) {
        return limits.getOrDefault(cap, cap.defaultLimit());
    }

    /** The first cap that the module exceeds, in the order of {@link Cap}; empty if there is none. */
    public Optional<Violation> check(ModuleFacts facts) {
        return Arrays.stream(Cap.values())
                .filter(cap -> cap.valueIn(facts) > limit(cap))
                .findFirst()
                .map(cap -> new Violation(cap, cap.valueIn(facts), limit(cap)));
    }

    /** The JSON form: one member for each cap. */
    public JsonObject toJson() {
        JsonObject json = JsonObject.EMPTY;
        for (Cap cap : Cap.values()) {
            json = json.with(cap.label(), limit(cap));
        }
        return json;
    }

    /**
     * A cap that a module exceeds.
     *
     * @param cap the exceeded cap
     * @param value the module's value
     * @param limit the largest allowed value
     */
    public record Violation(Cap cap, long value, long limit) {
        /** A message with cap, value and limit. */
        @Override
        public String toString() {
            return cap.label() + ": exceeds the limit (expected at most " + limit + ", found " + value + ")";
        }
    }
}
