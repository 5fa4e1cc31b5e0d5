package dev.precast.server;

import dev.precast.api.connection.Drain;
import jakarta.inject.Singleton;
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
        return HealthCheckResponse.builder()
                .name("not stopping")
                .status(!drain.isLeaving())
                .build();
    }
}
