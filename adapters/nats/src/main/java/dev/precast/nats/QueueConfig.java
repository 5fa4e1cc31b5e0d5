package dev.precast.nats;

import java.time.Duration;

/**
 * Settings of streams that are created. Existing streams are not changed.
 *
 * @param capacity largest number of requests, waiting and in progress; at least 1
 * @param ackWait after which a request is delivered again if its worker sends no sign of progress, and after which its
 *     lease expires; at least 1 s. Workers send a sign every third of it, and at least every 10 s
 * @param replicas 1 to 5 servers that hold each stream
 */
public record QueueConfig(long capacity, Duration ackWait, int replicas) {
    /** 10,000 requests, 30 seconds, one server. */
    public static final QueueConfig DEFAULT = new QueueConfig(10_000, Duration.ofSeconds(30), 1);

    /** @throws IllegalArgumentException if a part is out of its range, which the message names */
    public QueueConfig {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity: expected at least 1, found " + capacity);
        }
        if (ackWait.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("ack wait: expected at least PT1S, found " + ackWait);
        }
        if (replicas < 1 || replicas > 5) {
            throw new IllegalArgumentException("queue replicas: expected 1 to 5, found " + replicas);
        }
    }
}
