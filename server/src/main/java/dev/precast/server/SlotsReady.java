package dev.precast.server;

import dev.precast.precompiler.PrecompilerConfig;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness check: not ready while no slot of this worker can compile, because the machine lacks processes, memory,
 * descriptors or disk space. A node without a worker is ready.
 */
@Readiness
@Singleton
final class SlotsReady implements HealthCheck {
    private final BooleanSupplier canCompile;

    @Inject
    SlotsReady(Optional<PrecompilerConfig> settings, Instance<WorkerMetrics> metrics) {
        this(() -> settings.isEmpty() || metrics.get().canCompile());
    }

    SlotsReady(BooleanSupplier canCompile) {
        this.canCompile = canCompile;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder()
                .name("slots")
                .status(canCompile.getAsBoolean())
                .build();
    }
}
