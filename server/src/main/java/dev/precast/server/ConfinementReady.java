package dev.precast.server;

import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.PrecompilerConfig;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness check: tells what confines compiler processes, and is not ready if {@code precast.confinement} is {@code
 * required} and a part is missing. A node without a worker is ready and tells nothing.
 */
@Readiness
@Singleton
final class ConfinementReady implements HealthCheck {
    private final Confinement.Mode mode;
    private final Supplier<Optional<Confinement>> confinement;

    @Inject
    ConfinementReady(Optional<PrecompilerConfig> settings, Instance<WorkerMetrics> metrics) {
        this(
                settings.map(config -> config.packs().confinement()).orElse(Confinement.Mode.BEST_EFFORT),
                () -> settings.flatMap(config -> metrics.get().confinement()));
    }

    ConfinementReady(Confinement.Mode mode, Supplier<Optional<Confinement>> confinement) {
        this.mode = mode;
        this.confinement = confinement;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.builder().name("confinement");
        Optional<Confinement> found = confinement.get();
        found.ifPresent(c -> c.parts().forEach(part -> response.withData(part.name(), part.state())));
        boolean refused = mode == Confinement.Mode.REQUIRED
                && found.filter(c -> !c.missing(mode).isEmpty()).isPresent();
        return response.status(!refused).build();
    }
}
