package dev.precast.server;

import dev.precast.cache.queue.QueueUnavailableException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.function.LongSupplier;

/** The metric of the queue's depth. A background task updates it, so that reading metrics never waits for the queue. */
@Singleton
final class QueueDepth implements Runnable {
    private final LongSupplier queue;
    private volatile double last = Double.NaN;

    QueueDepth(MeterRegistry registry, Backend backend) {
        this.queue = backend.messaging().depth();
        Gauge.builder("precast.queue.depth", this, depth -> depth.last)
                .description("Requests in the queue, waiting and in progress; NaN while the queue does not answer.")
                .register(registry);
    }

    @Override
    public void run() {
        try {
            last = queue.getAsLong();
        } catch (QueueUnavailableException e) {
            last = Double.NaN;
        }
    }
}
