package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueOptions;
import io.nats.client.RequestFailureException;
import io.nats.client.RequestFailureReason;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueOperation;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Leases of keys. A worker holds the lease of a key while it compiles, so that only one worker compiles the key even if
 * it has a hot and a warm request, or NATS delivers its request to a second worker. Leases are entries of a key-value
 * bucket in memory and expire after the ack wait.
 */
final class Leases {
    private final NatsLink link;
    private final QueueConfig config;
    private volatile @Nullable Bucket bucket;

    private record Bucket(Connection connection, KeyValue values) {}

    Leases(NatsLink link, QueueConfig config) {
        this.link = link;
        this.config = config;
    }

    /**
     * Takes the lease of a key; empty if another worker holds it.
     *
     * @param label the name of the request's priority
     */
    Optional<Lease> take(ArtifactKey key, String label) {
        byte[] value = label.getBytes(StandardCharsets.UTF_8);
        return ifFree("lease of " + key, values -> values.create(Subjects.lease(key), value))
                .map(revision -> new Lease(key, value, revision));
    }

    /** Whether the request of the key with the priority of that name is in progress. */
    boolean isHeld(ArtifactKey key, String label) {
        return entry(key)
                .filter(entry -> label.equals(entry.getValueAsString()))
                .isPresent();
    }

    private Optional<KeyValueEntry> entry(ArtifactKey key) {
        String subject = "$KV." + Streams.LEASES + "." + Subjects.lease(key);
        return link.call(
                        "lease of " + key,
                        (stream, management) -> find(() -> management.getLastMessage("KV_" + Streams.LEASES, subject)))
                .map(KeyValueEntry::new)
                .filter(entry -> entry.getOperation() == KeyValueOperation.PUT);
    }

    /**
     * Like {@link Streams#orMissing}, but also empty if the bucket is lost: the library sends a direct request, which
     * the server answers only if the bucket exists.
     */
    private static Optional<MessageInfo> find(Streams.Look<MessageInfo> look)
            throws IOException, JetStreamApiException {
        try {
            return Streams.orMissing(look);
        } catch (RequestFailureException e) {
            if (e.getReason() == RequestFailureReason.NO_RESPONDERS) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The lease of one delivery. */
    final class Lease {
        private final ArtifactKey key;
        private final byte[] value;
        private long revision;
        private boolean lost;
        /** When the last renewal was sent that got an answer. */
        private long renewed = System.nanoTime();
        /** Whether the last renewal got no answer, so the bucket may have a revision that this object does not know. */
        private boolean unanswered;

        Lease(ArtifactKey key, byte[] value, long revision) {
            this.key = key;
            this.value = value;
            this.revision = revision;
        }

        /**
         * Extends the lease; false if another worker holds it. Takes the lease again if it expired or was lost with its
         * bucket.
         */
        synchronized boolean renew() {
            if (!lost) {
                long now = System.nanoTime();
                boolean unknown = unanswered && now - renewed < config.ackWait().toNanos();
                unanswered = true;
                Optional<Long> next = write(values -> values.update(Subjects.lease(key), value, revision))
                        .or(() -> write(values -> values.create(Subjects.lease(key), value)))
                        // No other worker can have taken the lease before it expired.
                        .or(() -> unknown ? revision() : Optional.empty());
                unanswered = false;
                renewed = now;
                lost = next.isEmpty();
                revision = next.orElse(revision);
            }
            return !lost;
        }

        private Optional<Long> revision() {
            return entry(key).map(KeyValueEntry::getRevision);
        }

        /** Releases the lease; false if another worker holds it. */
        synchronized boolean release() {
            if (unanswered) {
                renew();
            }
            if (!lost) {
                lost = write(values -> {
                            values.delete(Subjects.lease(key), revision);
                            return revision;
                        })
                        .isEmpty();
            }
            return !lost;
        }

        private Optional<Long> write(Write write) {
            return ifFree("lease of " + key, write);
        }
    }

    private interface Write {
        long run(KeyValue values) throws IOException, JetStreamApiException;
    }

    /** Writes unless another worker holds the lease, and returns the new revision; empty if another worker holds it. */
    private Optional<Long> ifFree(String what, Write write) {
        return link.call(what, (stream, management) -> {
            try {
                try {
                    return Optional.of(write.run(values(link.connection())));
                } catch (RequestFailureException e) {
                    // In another domain, a missing bucket is silent too.
                    bucket = null;
                    throw e;
                } catch (IOException e) {
                    // No answer: the bucket is missing.
                    bucket = null;
                    return Optional.of(write.run(values(link.connection())));
                }
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == Streams.WRONG_LAST_SEQUENCE) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private KeyValue values(Connection connection) throws IOException, JetStreamApiException {
        Bucket known = bucket;
        if (known == null || !known.connection.equals(connection)) {
            KeyValueConfiguration configuration = KeyValueConfiguration.builder()
                    .name(Streams.LEASES)
                    .ttl(config.ackWait())
                    .maxHistoryPerKey(1)
                    .storageType(StorageType.Memory)
                    .build();
            Streams.make(connection.jetStreamManagement(link.options()), configuration.getBackingConfig(), config);
            KeyValueOptions options =
                    KeyValueOptions.builder().jetStreamOptions(link.options()).build();
            known = new Bucket(connection, connection.keyValue(Streams.LEASES, options));
            bucket = known;
        }
        return known.values;
    }
}
