package dev.precast.server;

import dev.precast.api.edge.Upstream;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness check: tells whether the upstream of an edge has answered the last request. The edge is ready in any case,
 * since it serves what it has. Other nodes are ready and tell nothing.
 */
@Readiness
@Singleton
final class UpstreamReady implements HealthCheck {
    private final boolean edge;
    private final Instance<Upstream> upstream;

    UpstreamReady(PrecastConfig config, Instance<Upstream> upstream) {
        this.edge = config.role() == PrecastConfig.Role.EDGE;
        this.upstream = upstream;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.builder().name("upstream").up();
        if (edge) {
            Optional<String> trouble = upstream.get().trouble();
            response.withData("state", trouble.isEmpty() ? "ok" : "degraded");
            trouble.ifPresent(why -> response.withData("reason", "does not answer: " + why));
        }
        return response.build();
    }
}
