package dev.precast.api.connection;

import java.time.Duration;

/**
 * Limits on the connections and requests of one process.
 *
 * @param total maximum number of open connections; at least 1
 * @param perAddress maximum number of open connections of one client address, or of requests in progress if a proxy
 *     forwards them; at least 1
 * @param perProxy maximum number of open connections of one configured proxy; at least 1
 * @param requestsPerToken maximum number of requests in progress with tokens of one name; at least 1
 * @param headWithin time limit for the head of a request, from its first byte or from the start of the connection; 100
 *     ms to 1 hour
 * @param idleWithin time limit for a connection without a request; 100 ms to 1 hour
 */
public record ConnectionLimits(
        int total, int perAddress, int perProxy, int requestsPerToken, Duration headWithin, Duration idleWithin) {
    private static final Duration LEAST = Duration.ofMillis(100);
    private static final Duration MOST = Duration.ofHours(1);

    /** @throws IllegalArgumentException if a value is out of range */
    public ConnectionLimits {
        number("connections", total);
        number("connections per address", perAddress);
        number("connections per proxy", perProxy);
        number("requests per token", requestsPerToken);
        time("head timeout", headWithin);
        time("idle timeout", idleWithin);
    }

    private static void number(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected at least 1, found " + value);
        }
    }

    private static void time(String name, Duration value) {
        if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(name + ": expected " + LEAST + " to " + MOST + ", found " + value);
        }
    }
}
