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
import java.util.ArrayList;
import java.util.List;
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
        List<String> others = subjects(management, key);
        others.remove(mine);
        for (String other : others) {
            boolean mineStays = urgency(mine) < urgency(other) && !leases.isHeld(key, label(other));
            remove(management, mineStays ? other : mine, Long.MAX_VALUE);
            if (!mineStays) {
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

    /** The subjects of the messages of a key. */
    private List<String> subjects(JetStreamManagement management, ArtifactKey key)
            throws IOException, JetStreamApiException {
        List<String> subjects = new ArrayList<>();
        Optional<MessageInfo> next = first(management, key);
        while (next.isPresent()) {
            subjects.add(next.get().getSubject());
            long after = next.get().getSeq() + 1;
            next = Streams.orMissing(() -> management.getNextMessage(layout.stream(), after, layout.requests(key)));
        }
        return subjects;
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
     * Ends the request in a message. Names the subject and not only the sequence number, which after a loss of the
     * stream may belong to another request.
     */
    void remove(Message message) {
        link.call("ending " + message.getSubject(), (stream, management) -> {
            remove(management, message.getSubject(), message.metaData().streamSequence() + 1);
            return true;
        });
    }

    /** @param before removes only a message with a lower sequence number */
    private void remove(JetStreamManagement management, String subject, long before)
            throws IOException, JetStreamApiException {
        PurgeOptions.Builder purge = PurgeOptions.builder().subject(subject);
        PurgeOptions options = before == Long.MAX_VALUE
                ? purge.build()
                : purge.sequence(before).build();
        Streams.orMissing(() -> management.purgeStream(layout.stream(), options));
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
