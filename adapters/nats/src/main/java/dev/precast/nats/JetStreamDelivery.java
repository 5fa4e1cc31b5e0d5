package dev.precast.nats;

import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileRequest;
import io.nats.client.Message;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * A message and the lease of its key. A worker that sends no progress within the ack wait loses the lease to another
 * worker.
 */
final class JetStreamDelivery implements Delivery {
    private static final System.Logger LOG = System.getLogger(JetStreamDelivery.class.getName());

    /**
     * Longest interval between in-progress messages, however long the ack wait. A lease lasts as long as the ack wait
     * that was configured when the bucket of leases was created, which may be shorter than the current one.
     */
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

    private final NatsLink link;
    private final Requests requests;
    private final Message message;
    private final CompileRequest request;
    private final Leases.Lease lease;
    private final Duration ackWait;

    /**
     * @param requests the stream that holds the message
     * @param ackWait time after which message and lease expire without progress
     */
    JetStreamDelivery(
            NatsLink link,
            Requests requests,
            Message message,
            CompileRequest request,
            Leases.Lease lease,
            Duration ackWait) {
        this.link = link;
        this.requests = requests;
        this.message = message;
        this.request = request;
        this.lease = lease;
        this.ackWait = ackWait;
    }

    @Override
    public CompileRequest request() {
        return request;
    }

    /** Also acks a request whose lease another worker now holds, because the request has been answered. */
    @Override
    public void ack() {
        requests.remove(message);
        lease.release();
    }

    @Override
    public void nak(Duration delay) {
        if (lease.release()) {
            Acks.nak(link, message, delay);
        }
    }

    @Override
    public void inProgress() {
        if (lease.renew()) {
            Acks.inProgress(link, message);
        } else {
            LOG.log(
                    Level.WARNING,
                    request.key() + ": another worker has taken the lease, because this worker sent no progress "
                            + "within the ack wait");
        }
    }

    @Override
    public Duration inProgressInterval() {
        Duration third = ackWait.dividedBy(3);
        return third.compareTo(LONGEST_INTERVAL) < 0 ? third : LONGEST_INTERVAL;
    }
}
