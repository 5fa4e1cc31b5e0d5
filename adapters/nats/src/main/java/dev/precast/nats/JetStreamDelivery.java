package dev.precast.nats;

import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.CompileRequest;
import io.nats.client.Message;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** A message and the lease of its key. Who lost the lease was too slow; the request is another's then. */
final class JetStreamDelivery implements Delivery {
    private static final System.Logger LOG = System.getLogger(JetStreamDelivery.class.getName());

    /** However patient the queue is now: leases last as long as it was patient when their bucket was made. */
    private static final Duration MOST = Duration.ofSeconds(10);

    private final NatsLink link;
    private final Message message;
    private final CompileRequest request;
    private final Leases.Lease lease;
    private final Duration patience;

    /** @param patience how long message and lease last unless they are kept */
    JetStreamDelivery(NatsLink link, Message message, CompileRequest request, Leases.Lease lease, Duration patience) {
        this.link = link;
        this.message = message;
        this.request = request;
        this.lease = lease;
        this.patience = patience;
    }

    @Override
    public CompileRequest request() {
        return request;
    }

    /** Also of one that is another's by now: what it asks for is answered. */
    @Override
    public void done() {
        Acks.done(link, message);
        lease.end();
    }

    @Override
    public void release(Duration delay) {
        if (lease.end()) {
            Acks.again(link, message, delay);
        }
    }

    @Override
    public void keep() {
        if (lease.renew()) {
            Acks.working(link, message);
        } else {
            LOG.log(Level.WARNING, request.key() + " is in work elsewhere too; this worker was silent for too long");
        }
    }

    @Override
    public Duration keepEvery() {
        Duration third = patience.dividedBy(3);
        return third.compareTo(MOST) < 0 ? third : MOST;
    }
}
