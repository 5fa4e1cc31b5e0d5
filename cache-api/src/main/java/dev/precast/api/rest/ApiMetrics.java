package dev.precast.api.rest;

import dev.precast.cache.KeyStates;
import dev.precast.cache.Payloads;
import dev.precast.protocol.KeyState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import jakarta.inject.Singleton;
import java.util.List;

/** Metrics of lookups, uploads and downloads. */
@Singleton
final class ApiMetrics {
    private final MeterRegistry registry;
    private final Counter redirects;

    ApiMetrics(MeterRegistry registry, KeyStates states, Payloads payloads) {
        this.registry = registry;
        this.redirects = Counter.builder("precast.redirects")
                .description("Downloads answered with a redirect to the store.")
                .register(registry);
        CaffeineCacheMetrics.monitor(registry, states.cache(), "states", List.of());
        CaffeineCacheMetrics.monitor(registry, payloads.cache(), "payloads", List.of());
    }

    void lookedUp(KeyState state) {
        count("precast.lookups", "Keys looked up.", "state", state.label(), 1);
    }

    void received(long bytes) {
        count("precast.bytes.in", "Bytes of uploaded modules.", "kind", "module", bytes);
    }

    void sent(String kind, long bytes) {
        count("precast.bytes.out", "Bytes sent in answers.", "kind", kind, bytes);
    }

    void redirected() {
        redirects.increment();
    }

    private void count(String name, String description, String tag, String value, long amount) {
        Counter.builder(name)
                .description(description)
                .tag(tag, value)
                .register(registry)
                .increment(amount);
    }
}
