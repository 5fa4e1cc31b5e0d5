package dev.precast.server;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Liveness check: whether the threads run that a node needs as long as it lives. If one has ended, only a restart helps.
 * What the node lacks from outside is the business of {@link ReadinessChecks}.
 */
@Liveness
@Singleton
final class ThreadsLive implements HealthCheck {
    private final Supplier<List<String>> endedThreads;

    @Inject
    ThreadsLive(Lifecycle lifecycle) {
        this(lifecycle::endedThreads);
    }

    ThreadsLive(Supplier<List<String>> endedThreads) {
        this.endedThreads = endedThreads;
    }

    @Override
    public HealthCheckResponse call() {
        List<String> ended = endedThreads.get();
        var response = HealthCheckResponse.named("threads").status(ended.isEmpty());
        if (!ended.isEmpty()) {
            response.withData("reason", "ended: " + String.join(", ", ended) + "; restart this process");
        }
        return response.build();
    }
}
