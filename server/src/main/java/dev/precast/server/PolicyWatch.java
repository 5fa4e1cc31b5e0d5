package dev.precast.server;

import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.store.DocumentChanges;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Keeps the trust of this node up to date, has metrics of its dates, and logs in time that they end. */
@Singleton
final class PolicyWatch {
    private static final Logger LOG = Logger.getLogger("precast");

    private final Trust trust;
    private final NodeHealth node;
    private final boolean api;
    private final String builder;
    private final InstantSource clock;
    private final PolicyWarnings warnings = new PolicyWarnings();

    PolicyWatch(Trust trust, NodeHealth node, PrecastConfig config, MeterRegistry registry, InstantSource clock) {
        this.trust = trust;
        this.node = node;
        this.builder = config.builder();
        this.api = config.role().servesApi();
        this.clock = clock;
        Gauge.builder(
                        "precast.policy.version",
                        this,
                        watch -> watch.policy()
                                .map(policy -> (double) policy.version())
                                .orElse(Double.NaN))
                .description("Version of the trust policy; NaN if there is none.")
                .register(registry);
        seconds(
                registry,
                "precast.policy.expires",
                "Time until the trust policy expires; negative afterwards.",
                () -> policy().map(TrustPolicy::expiresAt));
        seconds(
                registry,
                "precast.policy.grace",
                "Time until the grace of the trust policy ends.",
                () -> policy().map(policy -> policy.expiresAt().plus(policy.grace())));
        seconds(
                registry,
                "precast.online.key.expires",
                "Time until the appointment of the online key expires; NaN if there is none.",
                () -> trust.freshness().find().map(proof -> proof.appointment().expiresAt()));
        seconds(
                registry,
                "precast.statement.expires",
                "Time until the statement that the policy is current expires; NaN if there is none.",
                () -> trust.freshness().find().map(proof -> proof.statement().expiresAt()));
    }

    private void seconds(MeterRegistry registry, String name, String what, Supplier<Optional<Instant>> end) {
        Gauge.builder(
                        name,
                        end,
                        at -> at.get()
                                .map(found ->
                                        Duration.between(clock.instant(), found).toMillis() / 1000.0)
                                .orElse(Double.NaN))
                .baseUnit("seconds")
                .strongReference(true)
                .description(what)
                .register(registry);
    }

    private Optional<TrustPolicy> policy() {
        return trust.policy().find();
    }

    /** The health of this node, of which the policy is a part. */
    NodeHealth node() {
        return node;
    }

    /** The watched trust. */
    Trust trust() {
        return trust;
    }

    /**
     * Reads policy and proof again, and logs what is due. A worker also checks the policy when it has a request, so while
     * it is idle the policy may be older, unless the worker waits for another policy.
     */
    void refresh() {
        trust.refresh(api || waitsForAnother() ? DocumentChanges.CHECK_INTERVAL : DocumentChanges.IDLE_CHECK_INTERVAL);
        Instant now = clock.instant();
        policy().ifPresent(policy -> {
            warnings.about(policy, now).ifPresent(LOG::warn);
            if (api) {
                warnings.unproven(policy, trust.freshness().find(), now).ifPresent(LOG::warn);
            }
        });
        trust.freshness()
                .find()
                .flatMap(proof -> warnings.about(proof.appointment(), now))
                .ifPresent(LOG::warn);
    }

    /** Whether this worker takes no requests because of the policy, so that no request makes it read a new one. */
    private boolean waitsForAnother() {
        return node.policy(false).or(() -> trust.unlisted(builder)).isPresent();
    }
}
