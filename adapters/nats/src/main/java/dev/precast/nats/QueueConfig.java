package dev.precast.nats;

import java.time.Duration;

/**
 * Settings for streams that Precast creates. Existing streams keep their settings, except the number of replicas, which
 * is raised.
 *
 * @param capacity largest number of requests, waiting and in progress; at least 1
 * @param ackWait time without progress after which a request is delivered again and its lease expires; at least 1 s.
 *     Workers send in-progress after each third of this time, and at least every 10 s
 * @param replicas number of servers that hold each stream, 1 to 5; with 0 three in a cluster of three or more servers, and
 *     otherwise one
 */
public record QueueConfig(long capacity, Duration ackWait, int replicas) {
    /** 10,000 requests, 30 seconds, as many replicas as the cluster allows. */
    public static final QueueConfig DEFAULT = new QueueConfig(10_000, Duration.ofSeconds(30), 0);

    private static final int IN_CLUSTER = 3;

    /** @throws IllegalArgumentException if a part is out of range; the message names it */
    public QueueConfig {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity: expected at least 1, found " + capacity);
        }
        if (ackWait.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("ack wait: expected at least PT1S, found " + ackWait);
        }
        if (replicas < 0 || replicas > 5) {
            throw new IllegalArgumentException(
                    "queue replicas: expected 1 to 5, or 0 to follow the size of the cluster, found " + replicas);
        }
    }

    /** Whether the number of replicas follows the size of the cluster. */
    boolean followsCluster() {
        return replicas == 0;
    }

    /** The number of replicas to try first. */
    int wantedReplicas() {
        return followsCluster() ? IN_CLUSTER : replicas;
    }

    QueueConfig withReplicas(int number) {
        return new QueueConfig(capacity, ackWait, number);
    }
}
