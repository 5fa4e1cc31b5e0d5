package dev.precast.server;

import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.PolicySource;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check: ready while a trust policy is in force. An edge has no policy of its own. */
@Readiness
@Singleton
final class PolicyReady implements HealthCheck {
    private final BooleanSupplier ready;

    @Inject
    PolicyReady(PrecastConfig config, Instance<PolicySource> policy, InstantSource clock) {
        this(() -> config.role() == PrecastConfig.Role.EDGE
                || policy.get().find().filter(found -> inForce(found, clock)).isPresent());
    }

    PolicyReady(PolicySource policy, InstantSource clock) {
        this(() -> policy.find().filter(found -> inForce(found, clock)).isPresent());
    }

    private PolicyReady(BooleanSupplier ready) {
        this.ready = ready;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder()
                .name("trust policy")
                .status(ready.getAsBoolean())
                .build();
    }

    private static boolean inForce(TrustPolicy found, InstantSource clock) {
        try {
            found.requireInForce(clock.instant(), false);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }
}
