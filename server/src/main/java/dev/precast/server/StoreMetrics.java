package dev.precast.server;

import dev.precast.cache.store.StoreListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/**
 * Metrics of the calls of one store.
 *
 * @param store the value of the tag that distinguishes stores
 */
record StoreMetrics(MeterRegistry registry, String store) implements StoreListener {
    @Override
    public void called(Operation operation, Result result, long bytes, long nanos) {
        String called = operation.name().toLowerCase(Locale.ROOT);
        Timer.builder("precast.store")
                .description("Calls of a store and how long they took.")
                .tags("store", store, "operation", called)
                .tag("result", result.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .record(Duration.ofNanos(nanos));
        Counter.builder("precast.store.bytes")
                .description("Bytes read from or written to a store.")
                .tags("store", store, "operation", called)
                .register(registry)
                .increment(bytes);
    }
}
