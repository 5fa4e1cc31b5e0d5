package dev.precast.server;

import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.PolicySource;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check: ready while a trust policy is in force. */
@Readiness
@Singleton
final class PolicyReady implements HealthCheck {
    private final PolicySource policy;
    private final InstantSource clock;

    PolicyReady(PolicySource policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder()
                .name("trust policy")
                .status(policy.find().filter(this::inForce).isPresent())
                .build();
    }

    private boolean inForce(TrustPolicy found) {
        try {
            found.requireInForce(clock.instant(), false);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }
}
