package dev.precast.host.trust;

import dev.precast.attestation.PolicyAge;
import dev.precast.attestation.TrustPolicy;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells the listener once for each step of {@link PolicyAge} that the trust policy expires. Callers synchronize. */
final class ExpiryWatch {
    private final PrecastListener listener;
    private long version;
    private @Nullable PolicyAge age;

    ExpiryWatch(PrecastListener listener) {
        this.listener = listener;
    }

    void look(TrustPolicy policy, Instant now) {
        PolicyAge found = PolicyAge.of(policy, now);
        boolean step = found != age || policy.version() != version;
        age = found;
        version = policy.version();
        if (step && found != PolicyAge.FRESH) {
            listener.on(new PrecastEvent.PolicyExpires(version, policy.expiresAt(), found));
        }
    }
}
