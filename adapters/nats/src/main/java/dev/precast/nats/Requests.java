package dev.precast.nats;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue.Enqueued;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.PurgeOptions;
import io.nats.client.RequestFailureException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The requests in one stream. Creates the stream if it is missing.
 *
 * <p>Thread safe.
 */
final class Requests {
    private static final int ROUNDS = 3;
    private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final NatsLink link;
    private final QueueConfig config;
    private final QueueLayout layout;
    private final Leases leases;
    private volatile boolean made;
    private volatile boolean exists;
    private volatile long lookAt = System.nanoTime();

    Requests(NatsLink link, QueueConfig config, QueueLayout layout, Leases leases) {
        this.link = link;
        this.config = config;
        this.layout = layout;
        this.leases = leases;
    }

    /** Whether the stream exists, as far as this process knows. Looks once a minute. */
    boolean exists() {
        if (System.nanoTime() - lookAt >= 0) {
            exists = link.call(
                            "stream " + layout.stream(),
                            (stream, management) -> Streams.orMissing(() -> management.getStreamInfo(layout.stream())))
                    .isPresent();
            lookAt = System.nanoTime() + LOOK_NANOS;
        }
        return exists;
    }

    Enqueued enqueue(CompileRequest request) {
        ArtifactKey key = request.key();
        String subject = layout.request(key, request.priority());
        return link.call("enqueueing " + key, (stream, management) -> {
            if (!made) {
                Streams.makeRequests(management, layout, config);
                made = true;
            }
            // If the stream refuses a key that the queue does not hold, either the request was just answered, or
            // the stream is full. Try again.
            for (int round = 0; round < ROUNDS; round++) {
                Optional<Long> sequence = publish(stream, management, subject, RequestMessage.write(key));
                if (sequence.isPresent()) {
                    return settle(management, key, subject);
                }
                if (first(management, key).isPresent()) {
                    return Enqueued.ALREADY_QUEUED;
                }
            }
            return Enqueued.FULL;
        });
    }

    /** Publishes the request. Returns the sequence number; empty if the stream refused it. */
    private Optional<Long> publish(JetStream stream, JetStreamManagement management, String subject, byte[] body)
            throws IOException, JetStreamApiException {
        try {
            try {
                return Optional.of(stream.publish(subject, body).getSeqno());
            } catch (RequestFailureException e) {
                throw e;
            } catch (IOException e) {
                // No answer: the stream is missing.
                Streams.makeRequests(management, layout, config);
                return Optional.of(stream.publish(subject, body).getSeqno());
            }
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == Streams.NOT_STORED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Keeps one message of a key that was requested with several priorities: the most urgent one, unless another is in
     * progress. Each caller publishes before it looks, so at least one of two concurrent callers sees the other's
     * message.
     *
     * @param mine the subject of the message that this caller published
     */
    private Enqueued settle(JetStreamManagement management, ArtifactKey key, String mine)
            throws IOException, JetStreamApiException {
        Map<String, Long> others = messages(management, key);
        Long sequence = others.remove(mine);
        for (Map.Entry<String, Long> other : others.entrySet()) {
            boolean mineStays = urgency(mine) < urgency(other.getKey()) && !leases.isHeld(key, label(other.getKey()));
            if (mineStays) {
                delete(management, other.getValue());
            } else {
                if (sequence != null) {
                    delete(management, sequence);
                }
                break;
            }
        }
        return others.isEmpty() ? Enqueued.QUEUED : Enqueued.ALREADY_QUEUED;
    }

    private int urgency(String subject) {
        return layout.priority(subject).map(Priority::ordinal).orElse(Integer.MAX_VALUE);
    }

    private String label(String subject) {
        return layout.label(layout.priority(subject).orElse(Priority.WARM));
    }

    /** The sequence numbers of the messages of a key, by subject. */
    private Map<String, Long> messages(JetStreamManagement management, ArtifactKey key)
            throws IOException, JetStreamApiException {
        Map<String, Long> messages = new LinkedHashMap<>();
        Optional<MessageInfo> next = first(management, key);
        while (next.isPresent()) {
            messages.put(next.get().getSubject(), next.get().getSeq());
            long after = next.get().getSeq() + 1;
            next = Streams.orMissing(() -> management.getNextMessage(layout.stream(), after, layout.requests(key)));
        }
        return messages;
    }

    private Optional<MessageInfo> first(JetStreamManagement management, ArtifactKey key)
            throws IOException, JetStreamApiException {
        return Streams.orMissing(() -> management.getFirstMessage(layout.stream(), layout.requests(key)));
    }

    boolean holds(ArtifactKey key) {
        return link.call(
                "finding " + key, (stream, management) -> first(management, key).isPresent());
    }

    /**
     * Ends the request in a message. Compares the subject first: after a loss of the stream, the sequence number may belong to
     * another request.
     */
    void remove(Message message) {
        long sequence = message.metaData().streamSequence();
        link.call("ending " + message.getSubject(), (stream, management) -> {
            if (Streams.orMissing(() -> management.getMessage(layout.stream(), sequence))
                    .filter(found -> message.getSubject().equals(found.getSubject()))
                    .isPresent()) {
                delete(management, sequence);
            }
            return true;
        });
    }

    /**
     * Deletes one message. A purge would make the server forget what consumers have to deliver again after a nak, until the ack
     * wait ends ({@code consumer.purge} of nats-server 2.15).
     */
    private void delete(JetStreamManagement management, long sequence) throws IOException, JetStreamApiException {
        Streams.orMissing(() -> management.deleteMessage(layout.stream(), sequence, false));
    }

    /** Number of requests, waiting and in progress. */
    long depth() {
        return link.call(
                "depth of the queue",
                (stream, management) -> Streams.orMissing(() -> management
                                .getStreamInfo(layout.stream())
                                .getStreamState()
                                .getMsgCount())
                        .orElse(0L));
    }

    /** Deletes all requests of a lane, and the consumers that only this lane has. */
    void retire(LaneId lane) {
        link.call("retiring " + lane, (stream, management) -> {
            PurgeOptions all = PurgeOptions.subject(layout.requests(lane));
            Streams.orMissing(() -> management.purgeStream(layout.stream(), all));
            for (Source source : Source.of(layout, List.of(lane))) {
                Streams.orMissing(() -> management.deleteConsumer(layout.stream(), source.consumer()));
            }
            return lane;
        });
    }
}
