package dev.precast.server;

import dev.precast.api.connection.Drain;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check: not ready from SIGTERM on. */
@Readiness
@Singleton
final class DrainReady implements HealthCheck {
    private final Drain drain;

    DrainReady(Drain drain) {
        this.drain = drain;
    }

    @Override
    public HealthCheckResponse call() {
        return ReadinessChecks.check(
                        "not stopping",
                        () -> drain.isLeaving()
                                ? Optional.of("this node has received SIGTERM and finishes what is in progress")
                                : Optional.empty(),
                        Optional::empty)
                .call();
    }
}
