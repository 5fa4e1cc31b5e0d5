package dev.precast.nats;

import java.time.Duration;

/**
 * How streams are made. What is there already is not changed by it.
 *
 * @param capacity how many requests are held at most, waiting and in work
 * @param patience how long a silent worker keeps a request: the ack wait, and how long a lease lasts; at least 1 s. Whoever
 *     works says so every third of it, and every 10 s at least
 * @param replicas 1 to 5 servers that hold each stream
 */
public record QueueConfig(long capacity, Duration patience, int replicas) {
    /** 10,000 requests, 30 seconds, one server. */
    public static final QueueConfig DEFAULT = new QueueConfig(10_000, Duration.ofSeconds(30), 1);

    /** @throws IllegalArgumentException if a part is out of its range, which the message names */
    public QueueConfig {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity: expected at least 1, found " + capacity);
        }
        if (patience.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("queue patience: expected at least PT1S, found " + patience);
        }
        if (replicas < 1 || replicas > 5) {
            throw new IllegalArgumentException("queue replicas: expected 1 to 5, found " + replicas);
        }
    }
}
