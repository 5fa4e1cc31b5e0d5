package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import dev.precast.module.StaticCaps;
import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.PrecompilerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WorkerMetrics metrics = new WorkerMetrics(registry, Optional.of(twoSlots()));

    @Test
    void errors_are_counted_by_kind() {
        metrics.error(Kind.DISK);
        metrics.error(Kind.DISK);
        metrics.error(Kind.MACHINE);
        assertThat(registry.get("precast.worker.errors")
                        .tag("kind", "disk")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void the_trouble_of_now_is_one_and_all_others_are_zero() {
        AtomicReference<Optional<Trouble>> now = new AtomicReference<>(Optional.empty());
        metrics.watch(now::get);
        assertThat(trouble("disk")).isZero();
        now.set(Optional.of(new Trouble(Kind.DISK, "full")));
        assertThat(trouble("disk")).isEqualTo(1);
        assertThat(trouble("store")).isZero();
    }

    private double trouble(String kind) {
        return registry.get("precast.worker.trouble").tag("kind", kind).gauge().value();
    }

    @Test
    void each_part_of_the_confinement_is_a_metric() {
        metrics.confinement(new Confinement(List.of(
                new Confinement.Part("files", true, "Landlock"), new Confinement.Part("namespaces", false, "none"))));
        assertThat(part("files")).isEqualTo(1);
        assertThat(part("namespaces")).isZero();
    }

    private double part(String name) {
        return registry.get("precast.confinement").tag("part", name).gauge().value();
    }

    private static PrecompilerConfig twoSlots() {
        return new PrecompilerConfig(
                new PrecompilerConfig.Packs(Path.of("packs"), Set.of(), Confinement.Mode.BEST_EFFORT),
                Path.of("work"),
                "builder",
                2,
                new Limits(64, 256, 20, 120, 4),
                StaticCaps.DEFAULT,
                new PrecompilerConfig.Times(Duration.ofMinutes(1), Duration.ZERO));
    }
}
