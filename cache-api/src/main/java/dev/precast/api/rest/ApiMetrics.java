package dev.precast.api.rest;

import dev.precast.api.Payloads;
import dev.precast.api.Standing;
import dev.precast.api.Standings;
import dev.precast.api.json.LookupReply;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import jakarta.inject.Singleton;
import java.util.List;

/** Counts what goes over the front doors. */
@Singleton
final class ApiMetrics {
    private final MeterRegistry registry;

    ApiMetrics(MeterRegistry registry, Standings standings, Payloads payloads) {
        this.registry = registry;
        CaffeineCacheMetrics.monitor(registry, standings.cache(), "standings", List.of());
        CaffeineCacheMetrics.monitor(registry, payloads.cache(), "payloads", List.of());
    }

    void lookedUp(Standing standing) {
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
