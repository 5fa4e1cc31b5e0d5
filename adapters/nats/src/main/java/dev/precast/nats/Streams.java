package dev.precast.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Creates streams and consumers. Knows JetStream's error codes. */
final class Streams {
    static final String DEAD = "PRECAST_DEAD";
    static final String LEASES = "precast-leases";

    static final int WRONG_LAST_SEQUENCE = 10071;
    /** Error code: the subject already holds a message, or the stream is full. */
    static final int NOT_STORED = 10077;

    private static final int NO_PEERS = 10005;
    private static final int CONSUMER_NOT_FOUND = 10014;
    private static final int NO_RESOURCES = 10023;
    private static final int NO_MESSAGE = 10037;
    private static final int MESSAGE_DELETED = 10043;
    /** Error code: the message was deleted by another client. */
    private static final int NOT_DELETED = 10057;

    private static final int NAME_IN_USE = 10058;
    private static final int STREAM_NOT_FOUND = 10059;
    /** Error code: more than one replica, but the server is not in a cluster. */
    private static final int NOT_IN_CLUSTER = 10074;

    private static final Duration REQUEST_AGE = Duration.ofHours(24);
    private static final Duration DEAD_AGE = Duration.ofDays(30);
    private static final int DEAD_LETTERS = 10_000;
    /** Most open pulls of a consumer: one for each slot that waits. */
    private static final int MOST_PULLS = 20_000;
    /** Time without a pull after which NATS deletes a consumer, for example of lanes that no worker has any more. */
    private static final Duration UNUSED = Duration.ofHours(1);

    private Streams() {}

    /** A stream of requests. It has one subject per key and priority, and refuses a second message of a subject. */
    static StreamConfiguration requests(QueueLayout layout, QueueConfig config) {
        return StreamConfiguration.builder()
                .name(layout.stream())
                .subjects(layout.requests())
                .retentionPolicy(retention(layout))
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.New)
                .discardNewPerSubject(true)
                .maxMessagesPerSubject(1)
                .maxMessages(config.capacity())
                .maxAge(REQUEST_AGE)
                .build();
    }

    /** A work queue refuses consumers with common subjects, which workers with common lanes have. */
    private static RetentionPolicy retention(QueueLayout layout) {
        return layout == QueueLayout.BY_LANE ? RetentionPolicy.WorkQueue : RetentionPolicy.Limits;
    }

    /** The stream of dead letters, with the last letter of each key. */
    static StreamConfiguration dead() {
        return StreamConfiguration.builder()
                .name(DEAD)
                .subjects(Subjects.DEAD)
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.Old)
                .maxMessagesPerSubject(1)
                .maxMessages(DEAD_LETTERS)
                .maxAge(DEAD_AGE)
                .build();
    }

    /**
     * Creates the stream of requests if it does not exist.
     *
     * @throws IOException if the stream exists, but accepts a second message of a subject
     */
    static void makeRequests(JetStreamManagement management, QueueLayout layout, QueueConfig config)
            throws IOException, JetStreamApiException {
        if (make(management, requests(layout, config), config)) {
            return;
        }
        StreamConfiguration found = management.getStreamInfo(layout.stream()).getConfiguration();
        if (found.getRetentionPolicy() != retention(layout)
                || found.getDiscardPolicy() != DiscardPolicy.New
                || !found.isDiscardNewPerSubject()
                || found.getMaxMsgsPerSubject() != 1) {
            throw new IOException("stream " + layout.stream() + ": expected retention " + retention(layout)
                    + " and that it refuses a second message of a subject, found retention "
                    + found.getRetentionPolicy() + ", discard " + found.getDiscardPolicy() + ", discard per subject "
                    + found.isDiscardNewPerSubject() + ", " + found.getMaxMsgsPerSubject()
                    + " messages per subject; correct or delete the stream");
        }
    }

    /**
     * Creates a stream if it does not exist, with the configured number of replicas, or as many as the cluster allows.
     *
     * @return false if the stream exists with another configuration, which is not changed
     */
    static boolean make(JetStreamManagement management, StreamConfiguration stream, QueueConfig config)
            throws IOException, JetStreamApiException {
        try {
            management.addStream(StreamConfiguration.builder(stream)
                    .replicas(config.wantedReplicas())
                    .build());
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NAME_IN_USE) {
                return false;
            }
            if (!isTooManyReplicas(e) || !config.followsCluster()) {
                throw e;
            }
            return make(management, stream, config.withReplicas(1));
        }
    }

    /** Raises the replicas of all streams; returns the names of those that are in a cluster and have one replica. */
    static List<String> replicate(JetStreamManagement management, QueueConfig config)
            throws IOException, JetStreamApiException {
        List<String> alone = new ArrayList<>();
        for (String name :
                List.of(QueueLayout.BY_WORKER.stream(), QueueLayout.BY_LANE.stream(), DEAD, "KV_" + LEASES)) {
            if (replicate(management, name, config)) {
                alone.add(name);
            }
        }
        return List.copyOf(alone);
    }

    /**
     * Gives a stream the configured number of replicas, or as many as the cluster allows, if it has fewer.
     *
     * @return whether the stream exists in a cluster and has one replica
     */
    private static boolean replicate(JetStreamManagement management, String name, QueueConfig config)
            throws IOException, JetStreamApiException {
        Optional<StreamInfo> found = orMissing(() -> management.getStreamInfo(name));
        if (found.isEmpty() || found.get().getClusterInfo() == null) {
            return false;
        }
        StreamConfiguration stream = found.get().getConfiguration();
        int replicas = stream.getReplicas();
        if (replicas < config.wantedReplicas()) {
            try {
                management.updateStream(StreamConfiguration.builder(stream)
                        .replicas(config.wantedReplicas())
                        .build());
                replicas = config.wantedReplicas();
            } catch (JetStreamApiException e) {
                if (!isTooManyReplicas(e)) {
                    throw e;
                }
            }
        }
        return replicas == 1;
    }

    private static boolean isTooManyReplicas(JetStreamApiException e) {
        return switch (e.getApiErrorCode()) {
            case NOT_IN_CLUSTER, NO_PEERS, NO_RESOURCES -> true;
            default -> false;
        };
    }

    /** Creates the consumer if it does not exist; false if the stream does not exist. */
    static boolean makeConsumer(JetStreamManagement management, Source source, QueueConfig config)
            throws IOException, JetStreamApiException {
        ConsumerConfiguration.Builder consumer = ConsumerConfiguration.builder()
                .durable(source.consumer())
                .filterSubjects(source.filters())
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(config.ackWait())
                // With a limit, the message would stay after its last delivery, and block its key if the
                // advisory about that delivery were lost.
                .maxDeliver(-1)
                // Messages that wait for the delay of a nak count too, so a lower limit would stop
                // deliveries.
                .maxAckPending(config.capacity());
        if (source.layout() == QueueLayout.BY_WORKER) {
            consumer.maxPullWaiting(MOST_PULLS).inactiveThreshold(UNUSED);
        }
        try {
            management.addOrUpdateConsumer(source.layout().stream(), consumer.build());
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
