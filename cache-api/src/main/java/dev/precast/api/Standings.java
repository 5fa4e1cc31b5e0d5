package dev.precast.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.compile.CompileOutcome;
import dev.precast.compile.CompileQueue;
import dev.precast.compile.LaneOffer;
import dev.precast.compile.QueueUnavailableException;
import dev.precast.store.Artifacts;
import dev.precast.store.Outcomes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Says what is known of a key, with a cache in front of the store: a verified attestation is kept for a minute while
 * the policy is the same and in force, everything else for two seconds. A load that fails is thrown and not kept.
 *
 * <p>Thread safe.
 */
public final class Standings {
    private static final Duration PRESENT = Duration.ofMinutes(1);
    private static final Duration NEGATIVE = Duration.ofSeconds(2);
    private static final int MAX_KEPT_BYTES = 32 << 20;
    private static final int ENTRY_BYTES = 1024;

    private final Artifacts artifacts;
    private final Outcomes outcomes;
    private final Engines engines;
    private final CompileQueue queue;
    private final Supplier<TrustPolicy> policy;
    private final InstantSource clock;
    private final Cache<ArtifactKey, Kept> cache;

    /** @param policy the current policy, the same that {@code artifacts} verifies with */
    public Standings(
            Artifacts artifacts,
            Outcomes outcomes,
            Engines engines,
            CompileQueue queue,
            Supplier<TrustPolicy> policy,
            InstantSource clock,
            Ticker ticker) {
        this.artifacts = artifacts;
        this.outcomes = outcomes;
        this.engines = engines;
        this.queue = queue;
        this.policy = policy;
        this.clock = clock;
        this.cache = Caffeine.newBuilder()
                .ticker(ticker)
                .maximumWeight(MAX_KEPT_BYTES)
                .weigher((ArtifactKey key, Kept kept) -> ENTRY_BYTES + kept.envelopeBytes())
                .expireAfter(Expiry.creating((ArtifactKey key, Kept kept) -> kept.timeToLive()))
                .recordStats()
                .build();
    }

    /**
     * What is known of {@code key}.
     *
     * @throws dev.precast.store.StoreException if the store fails
     */
    public Standing of(ArtifactKey key) {
        Kept kept = kept(key);
        if (kept.found instanceof Artifacts.Lookup.Present present) {
            return new Standing.Present(present.attestation(), present.envelope());
        }
        CompileOutcome outcome = kept.outcome.orElse(null);
        if (outcome instanceof CompileOutcome.Rejected rejected && counts(rejected)) {
            return new Standing.Rejected(rejected);
        }
        // Before failures: a worker writes one before it starts a child, for the case that it does not come back.
        if (holds(key)) {
            return new Standing.Compiling();
        }
        if (outcome instanceof CompileOutcome.Failed failed && counts(failed)) {
            return new Standing.Failed(failed);
        }
        return new Standing.Absent();
    }

    /** Why the policy allows no artifact of {@code key}, whoever makes it; empty if it may. */
    public Optional<String> refusal(ArtifactKey key) {
        try {
            policy.get().requireAllowed(key);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Drops what is kept of {@code key}; the next look goes to the store. */
    public void forget(ArtifactKey key) {
        cache.invalidate(key);
    }

    /** The cache, for its statistics only. */
    public Cache<ArtifactKey, ?> cache() {
        return cache;
    }

    private Kept kept(ArtifactKey key) {
        TrustPolicy current = policy.get();
        Kept kept = cache.get(key, this::load);
        if (kept.policyVersion != current.version() || !clock.instant().isBefore(kept.policyExpiresAt)) {
            cache.asMap().remove(key, kept);
            kept = cache.get(key, this::load);
        }
        return kept;
    }

    private Kept load(ArtifactKey key) {
        // Read before the store is: a policy that changes meanwhile makes the entry stale, not wrong.
        TrustPolicy current = policy.get();
        Artifacts.Lookup found = artifacts.find(key);
        Optional<CompileOutcome> outcome =
                found instanceof Artifacts.Lookup.Present ? Optional.empty() : outcomes.find(key);
        return new Kept(found, outcome, current.version(), current.expiresAt());
    }

    private boolean counts(CompileOutcome.Rejected rejected) {
        return engines.find(rejected.key().lane())
                .filter(offer -> offer.pack().equals(rejected.pack()))
                .filter(offer -> !Caps.wider(offer.caps(), rejected.caps()))
                .isPresent();
    }

    private boolean counts(CompileOutcome.Failed failed) {
        Instant now = clock.instant();
        return now.isBefore(failed.retryAt())
                && engines.find(failed.key().lane())
                        .map(LaneOffer::limits)
                        .filter(limits -> limits.mayDoBetterThan(failed.limits(), failed.cause()))
                        .isEmpty();
    }

    /** A queue that does not answer is asked again by who enqueues; a look goes on without it. */
    private boolean holds(ArtifactKey key) {
        try {
            return queue.holds(key);
        } catch (QueueUnavailableException e) {
            return false;
        }
    }

    private record Kept(
            Artifacts.Lookup found, Optional<CompileOutcome> outcome, long policyVersion, Instant policyExpiresAt) {
        Duration timeToLive() {
            return found instanceof Artifacts.Lookup.Present ? PRESENT : NEGATIVE;
        }

        int envelopeBytes() {
            return found instanceof Artifacts.Lookup.Present present ? present.envelope().length : 0;
        }
    }
}
