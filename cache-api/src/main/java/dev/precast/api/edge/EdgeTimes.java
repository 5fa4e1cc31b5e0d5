package dev.precast.api.edge;

import java.time.Duration;

/**
 * How long an edge answers from its copies without asking its upstream.
 *
 * @param artifacts for artifacts that exist: within this time an edge notices that an artifact was withdrawn
 * @param documents for the trust policy, the proof that it is current, and the engines
 * @param others for all other states of a key, and for what does not exist
 */
public record EdgeTimes(Duration artifacts, Duration documents, Duration others) {
    private static final Duration DOCUMENTS = Duration.ofSeconds(10);
    private static final Duration OTHERS = Duration.ofSeconds(3);

    /**
     * The times for an edge whose answers are at most so old.
     *
     * @throws IllegalArgumentException unless the time is positive
     */
    public static EdgeTimes of(Duration most) {
        if (most.isNegative() || most.isZero()) {
            throw new IllegalArgumentException("expected a positive time, found " + most);
        }
        return new EdgeTimes(most, shorter(most, DOCUMENTS), shorter(most, OTHERS));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
