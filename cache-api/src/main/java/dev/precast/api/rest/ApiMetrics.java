package dev.precast.api.rest;

import dev.precast.api.json.LookupReply;
import dev.precast.cache.KeyState;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Payloads;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import jakarta.inject.Singleton;
import java.util.List;

/** Counts what goes over the front doors. */
@Singleton
final class ApiMetrics {
    private final MeterRegistry registry;

    ApiMetrics(MeterRegistry registry, KeyStates standings, Payloads payloads) {
        this.registry = registry;
        CaffeineCacheMetrics.monitor(registry, standings.cache(), "standings", List.of());
        CaffeineCacheMetrics.monitor(registry, payloads.cache(), "payloads", List.of());
    }

    void lookedUp(KeyState standing) {
        registry.counter("precast.lookups", "state", LookupReply.label(standing))
                .increment();
    }

    void received(long bytes) {
        registry.counter("precast.bytes.in", "kind", "module").increment(bytes);
    }

    void sent(String kind, long bytes) {
        registry.counter("precast.bytes.out", "kind", kind).increment(bytes);
    }
}
