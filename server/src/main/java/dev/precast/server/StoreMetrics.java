package dev.precast.server;

import dev.precast.cache.store.StoreListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/**
 * What one store is asked and how long it takes, as metrics.
 *
 * @param store the tag that tells stores apart
 */
record StoreMetrics(MeterRegistry registry, String store) implements StoreListener {
    @Override
    public void called(Operation operation, Result result, long bytes, long nanos) {
        String called = operation.name().toLowerCase(Locale.ROOT);
        registry.timer(
                        "precast.store",
                        "store",
                        store,
                        "operation",
                        called,
                        "result",
                        result.name().toLowerCase(Locale.ROOT))
                .record(Duration.ofNanos(nanos));
        registry.counter("precast.store.bytes", "store", store, "operation", called)
                .increment(bytes);
    }
}
