package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.outcome.Limits;
import dev.precast.module.StaticCaps;
import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.PrecompilerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class SlotsReadyTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void a_worker_is_ready_while_at_least_one_slot_can_compile() {
        WorkerMetrics metrics = new WorkerMetrics(registry, Optional.of(twoSlots()));
        SlotsReady ready = new SlotsReady(metrics::canCompile);
        assertThat(ready.call().getStatus()).isEqualTo(Status.UP);
        metrics.unwell(1, 2);
        assertThat(ready.call().getStatus()).isEqualTo(Status.UP);
        metrics.unwell(2, 2);
        assertThat(ready.call().getStatus()).isEqualTo(Status.DOWN);
        assertThat(registry.get("precast.slots.unwell").gauge().value()).isEqualTo(2);
        metrics.unwell(1, 2);
        assertThat(ready.call().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void trouble_of_the_machine_is_counted() {
        WorkerMetrics metrics = new WorkerMetrics(registry, Optional.of(twoSlots()));
        metrics.supervisorTrouble();
        metrics.supervisorTrouble();
        assertThat(registry.get("precast.supervisor.trouble").counter().count()).isEqualTo(2);
    }

    @Test
    void each_part_of_the_confinement_is_a_metric() {
        WorkerMetrics metrics = new WorkerMetrics(registry, Optional.of(twoSlots()));
        metrics.confinement(new Confinement(List.of(
                new Confinement.Part("files", true, "Landlock"), new Confinement.Part("namespaces", false, "none"))));
        assertThat(registry.get("precast.confinement")
                        .tag("part", "files")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(registry.get("precast.confinement")
                        .tag("part", "namespaces")
                        .gauge()
                        .value())
                .isZero();
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
