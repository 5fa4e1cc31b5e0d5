package dev.precast.server;

import dev.precast.artifact.EngineId;
import dev.precast.precompiler.PrecompilerListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** What the worker does, as metrics. */
final class WorkerMetrics implements PrecompilerListener {
    private static final Duration[] BUCKETS = LongStream.of(
                    100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final AtomicInteger busy;

    WorkerMetrics(MeterRegistry registry, int slots) {
        this.registry = registry;
        this.busy = registry.gauge("precast.slots.busy", new AtomicInteger());
        registry.gauge("precast.slots.total", slots);
    }

    @Override
    public void started(EngineId engine) {
        registry.counter("precast.compile.started", "engine", engine.toString()).increment();
    }

    @Override
    public void finished(EngineId engine, String outcome, Duration took, long bytes) {
        Timer.builder("precast.compile")
                .tag("engine", engine.toString())
                .tag("outcome", outcome)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(took);
        registry.counter("precast.compile.bytes", "engine", engine.toString()).increment(bytes);
    }

    @Override
    public void slots(int now, int total) {
        busy.set(now);
    }
}
