package dev.precast.api.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.Supplier;

/** Metrics of an edge. All exist from the start, so that an alert on an increase sees the first one. Thread safe. */
public final class EdgeMetrics {
    /** What hosts ask for. */
    enum Kind {
        /** The state of one module in a lookup. */
        STATE,
        ATTESTATION,
        PAYLOAD,
        /** The trust policy, the proof that it is current, or the engines. */
        DOCUMENT
    }

    /** How the edge answered. */
    enum Result {
        /** From memory or disk. */
        HIT,
        /** After a question to the upstream. */
        MISS,
        /** With a copy that is too old, since the upstream does not answer. */
        STALE
    }

    /** How a request to the upstream ended. */
    enum Upstream {
        ANSWERED,
        /** The upstream did not answer in time, or answered that it cannot answer now. */
        FAILED,
        /** The upstream sent bytes that do not match the attestation. */
        WRONG
    }

    private final MeterRegistry registry;
    private final Counter in;
    private final Counter out;
    private final Counter evicted;

    public EdgeMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Kind kind : Kind.values()) {
            for (Result result : Result.values()) {
                requests(kind, result);
            }
        }
        for (Upstream result : Upstream.values()) {
            upstream(result);
        }
        in = bytes("in");
        out = bytes("out");
        evicted = Counter.builder("precast.edge.evictions")
                .description("Artifacts that this edge deleted to keep its disk budget.")
                .register(registry);
    }

    private Counter requests(Kind kind, Result result) {
        return Counter.builder("precast.edge.requests")
                .description("Answers of this edge: from its own copies, with those of the upstream, or with old copies"
                        + " since the upstream does not answer.")
                .tag("kind", label(kind))
                .tag("result", label(result))
                .register(registry);
    }

    private Counter upstream(Upstream result) {
        return Counter.builder("precast.edge.upstream")
                .description("Requests of this edge to its upstream.")
                .tag("result", label(result))
                .register(registry);
    }

    private Counter bytes(String direction) {
        return Counter.builder("precast.edge.bytes")
                .description("Bytes of payloads that this edge got from its upstream and sent to hosts.")
                .tag("direction", direction)
                .register(registry);
    }

    /** Adds the size of what is kept on disk. */
    void disk(Supplier<Number> usedBytes) {
        Gauge.builder("precast.edge.disk", usedBytes)
                .description("Size of the artifacts that this edge keeps on its disk.")
                .baseUnit("bytes")
                .register(registry);
    }

    void answered(Kind kind, Result result, long count) {
        requests(kind, result).increment(count);
    }

    void asked(Upstream result) {
        upstream(result).increment();
    }

    void received(long count) {
        in.increment(count);
    }

    /** Counts bytes of a payload that were sent to a host. */
    public void sent(long count) {
        out.increment(count);
    }

    void evicted() {
        evicted.increment();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
