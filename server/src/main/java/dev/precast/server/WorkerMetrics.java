package dev.precast.server;

import dev.precast.artifact.EngineId;
import dev.precast.cache.worker.Trouble;
import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.PrecompilerConfig;
import dev.precast.precompiler.PrecompilerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Metrics of a worker, and what confines its children. */
@Singleton
final class WorkerMetrics implements PrecompilerListener {
    private static final Duration[] BUCKETS = LongStream.of(
                    100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final AtomicInteger busy = new AtomicInteger();
    private volatile Optional<Confinement> confinement = Optional.empty();
    private final int slots;

    WorkerMetrics(MeterRegistry registry, Optional<PrecompilerConfig> settings) {
        this.registry = registry;
        this.slots = settings.orElseThrow().slots();
        Gauge.builder("precast.slots.busy", busy, AtomicInteger::get)
                .description("Slots of this worker that are compiling.")
                .register(registry);
        Gauge.builder("precast.slots.total", () -> slots)
                .description("Slots of this worker.")
                .register(registry);
    }

    @Override
    public void confinement(Confinement found) {
        confinement = Optional.of(found);
        for (Confinement.Part part : found.parts()) {
            Gauge.builder("precast.confinement", () -> part.holds() ? 1 : 0)
                    .description(
                            "Whether a part of the confinement of compiler processes holds on this system: 1 or 0.")
                    .tag("part", part.name())
                    .register(registry);
        }
    }

    @Override
    public void started(EngineId engine) {
        Counter.builder("precast.compile.started")
                .description("Compilations that this worker has started.")
                .tag("engine", engine.toString())
                .register(registry)
                .increment();
    }

    @Override
    public void finished(EngineId engine, String outcome, Duration took, long bytes) {
        Timer.builder("precast.compile")
                .description("Compilations that have ended and how long they took.")
                .tag("engine", engine.toString())
                .tag("outcome", outcome)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(took);
        Counter.builder("precast.compile.bytes")
                .description("Bytes of the payloads that this worker has published.")
                .tag("engine", engine.toString())
                .register(registry)
                .increment(bytes);
    }

    @Override
    public void slots(int now, int total) {
        busy.set(now);
    }

    @Override
    public void error(Trouble.Kind kind) {
        errors(kind).increment();
    }

    private Counter errors(Trouble.Kind kind) {
        return Counter.builder("precast.worker.errors")
                .description("Errors of this worker that say nothing about a module, such as a full disk.")
                .tag("kind", kind.label())
                .register(registry);
    }

    /** Adds a gauge and a counter for each kind of trouble. */
    void watch(Supplier<Optional<Trouble>> trouble) {
        for (Trouble.Kind kind : Trouble.Kind.values()) {
            errors(kind);
            Gauge.builder(
                            "precast.worker.trouble",
                            trouble,
                            now -> now.get()
                                            .filter(found -> found.kind() == kind)
                                            .isPresent()
                                    ? 1
                                    : 0)
                    .description("Whether this worker takes no requests because of such a trouble: 1 or 0.")
                    .tag("kind", kind.label())
                    .strongReference(true)
                    .register(registry);
        }
    }

    /** What confines children; empty until the worker starts. */
    Optional<Confinement> confinement() {
        return confinement;
    }
}
