package dev.precast.server;

import dev.precast.artifact.EngineId;
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
import java.util.stream.LongStream;

/** Metrics of a worker, the number of its slots that cannot compile, and what confines its children. */
@Singleton
final class WorkerMetrics implements PrecompilerListener {
    private static final Duration[] BUCKETS = LongStream.of(
                    100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger unwell = new AtomicInteger();
    private final Counter trouble;
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
        Gauge.builder("precast.slots.unwell", unwell, AtomicInteger::get)
                .description("Slots of this worker that take no requests, because this machine cannot run children.")
                .register(registry);
        trouble = Counter.builder("precast.supervisor.trouble")
                .description("Times that this machine lacked what a worker needs to run a child.")
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
    public void supervisorTrouble() {
        trouble.increment();
    }

    @Override
    public void unwell(int now, int total) {
        unwell.set(now);
    }

    /** What confines children; empty until the worker starts. */
    Optional<Confinement> confinement() {
        return confinement;
    }

    /** Whether at least one slot can compile. */
    boolean canCompile() {
        return unwell.get() < slots;
    }
}
