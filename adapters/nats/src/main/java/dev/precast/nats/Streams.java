package dev.precast.nats;

import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.Priority;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Creates streams and consumers. Knows JetStream's error codes. */
final class Streams {
    static final String REQUESTS = "PRECAST_COMPILE";
    static final String DEAD = "PRECAST_DEAD";
    static final String LEASES = "precast-leases";

    static final int WRONG_LAST_SEQUENCE = 10071;
    /** Error code: the subject already holds a message, or the stream is full. */
    static final int NOT_STORED = 10077;

    private static final int CONSUMER_NOT_FOUND = 10014;
    private static final int NO_MESSAGE = 10037;
    private static final int MESSAGE_DELETED = 10043;
    /** Error code: the message was deleted by another client. */
    private static final int NOT_DELETED = 10057;

    private static final int NAME_IN_USE = 10058;
    private static final int STREAM_NOT_FOUND = 10059;

    private static final Duration REQUEST_AGE = Duration.ofHours(24);
    private static final Duration DEAD_AGE = Duration.ofDays(30);
    private static final int DEAD_LETTERS = 10_000;

    private Streams() {}

    /** The stream of requests. It has one subject per key and priority, and refuses a second message of a subject. */
    static StreamConfiguration requests(QueueConfig config) {
        return StreamConfiguration.builder()
                .name(REQUESTS)
                .subjects(Subjects.REQUESTS)
                .retentionPolicy(RetentionPolicy.WorkQueue)
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.New)
                .discardNewPerSubject(true)
                .maxMessagesPerSubject(1)
                .maxMessages(config.capacity())
                .maxAge(REQUEST_AGE)
                .replicas(config.replicas())
                .build();
    }

    /** The stream of dead letters, with the last letter of each key. */
    static StreamConfiguration dead(QueueConfig config) {
        return StreamConfiguration.builder()
                .name(DEAD)
                .subjects(Subjects.DEAD)
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.Old)
                .maxMessagesPerSubject(1)
                .maxMessages(DEAD_LETTERS)
                .maxAge(DEAD_AGE)
                .replicas(config.replicas())
                .build();
    }

    /**
     * Creates the stream of requests if it does not exist.
     *
     * @throws IOException if the stream exists, but accepts a second message of a subject
     */
    static void makeRequests(JetStreamManagement management, QueueConfig config)
            throws IOException, JetStreamApiException {
        if (make(management, requests(config))) {
            return;
        }
        StreamConfiguration found = management.getStreamInfo(REQUESTS).getConfiguration();
        if (found.getRetentionPolicy() != RetentionPolicy.WorkQueue
                || found.getDiscardPolicy() != DiscardPolicy.New
                || !found.isDiscardNewPerSubject()
                || found.getMaxMsgsPerSubject() != 1) {
            throw new IOException("stream " + REQUESTS + ": expected a work queue that refuses a second message "
                    + "of a subject, found retention "
                    + found.getRetentionPolicy() + ", discard " + found.getDiscardPolicy() + ", discard per subject "
                    + found.isDiscardNewPerSubject() + ", " + found.getMaxMsgsPerSubject()
                    + " messages per subject; correct or delete the stream");
        }
    }

    /** Creates a stream if it does not exist; false if it exists with another configuration, which is not changed. */
    static boolean make(JetStreamManagement management, StreamConfiguration stream)
            throws IOException, JetStreamApiException {
        try {
            management.addStream(stream);
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NAME_IN_USE) {
                return false;
            }
            throw e;
        }
    }

    /** Creates the consumer if it does not exist; false if the stream does not exist. */
    static boolean makeConsumer(JetStreamManagement management, LaneId lane, Priority priority, QueueConfig config)
            throws IOException, JetStreamApiException {
        try {
            management.addOrUpdateConsumer(
                    REQUESTS,
                    ConsumerConfiguration.builder()
                            .durable(Subjects.consumer(lane, priority))
                            .filterSubject(Subjects.requests(lane, priority))
                            .ackPolicy(AckPolicy.Explicit)
                            .ackWait(config.ackWait())
                            // With a limit, the message would stay after its last delivery, and block its key if the
                            // advisory about that delivery were lost.
                            .maxDeliver(-1)
                            // Messages that wait for the delay of a nak count too, so a lower limit would stop
                            // deliveries.
                            .maxAckPending(config.capacity())
                            .build());
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** A request about a message, a consumer or a stream. */
    interface Look<T> {
        T run() throws IOException, JetStreamApiException;
    }

    /** Runs a request; empty if the message, consumer or stream does not exist. */
    static <T> Optional<T> orMissing(Look<T> look) throws IOException, JetStreamApiException {
        try {
            return Optional.of(look.run());
        } catch (JetStreamApiException e) {
            return switch (e.getApiErrorCode()) {
                case CONSUMER_NOT_FOUND, NO_MESSAGE, MESSAGE_DELETED, NOT_DELETED, STREAM_NOT_FOUND -> Optional.empty();
                default -> throw e;
            };
        }
    }
}
