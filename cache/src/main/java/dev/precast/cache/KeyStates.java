package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.Judge;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The states of keys, with a cache in front of the store. A verified attestation is cached for ten minutes, or
 * shorter if the policy changes or expires, or if one of the policy's keys expires; everything else is cached for two
 * seconds. An event about a key drops the key's cache entry. A failure of the store is thrown and not cached.
 *
 * <p>Thread safe.
 */
public final class KeyStates {
    private static final Duration PRESENT = Duration.ofMinutes(10);
    private static final Duration RECENT = Duration.ofMinutes(1);
    private static final Duration NEGATIVE = Duration.ofSeconds(2);
    /** The cache uses at most the heap size divided by this. */
    private static final int SHARE = 4;
    /** Size of an entry without its envelope, rounded up. */
    private static final int ENTRY_BYTES = 1024;

    private final Artifacts artifacts;
    private final Outcomes outcomes;
    private final Engines engines;
    private final CompileQueue queue;
    private final Supplier<TrustPolicy> policy;
    private final InstantSource clock;
    private final Cache<ArtifactKey, Kept> cache;

    /** @param policy the current policy; must be the policy with which {@code artifacts} verifies */
    public KeyStates(
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
                .maximumWeight(Runtime.getRuntime().maxMemory() / SHARE)
                .weigher((ArtifactKey key, Kept kept) -> kept.bytes())
                .expireAfter(Expiry.creating((ArtifactKey key, Kept kept) -> kept.timeToLive()))
                .recordStats()
                .build();
    }

    /**
     * The state of {@code key}; if it is present, it may be up to ten minutes stale. Does not check whether the module
     * of an absent key is stored.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public KeyState of(ArtifactKey key) {
        return state(key, PRESENT);
    }

    /**
     * Like {@link #of}, but at most one minute stale: for callers that start a compilation if the key is absent.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    KeyState recent(ArtifactKey key) {
        return state(key, RECENT);
    }

    /**
     * The artifact of {@code key}, if it exists; the answer may be up to ten minutes stale.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Optional<StoredArtifact> artifact(ArtifactKey key) {
        return kept(key, PRESENT).artifact;
    }

    private KeyState state(ArtifactKey key, Duration oldest) {
        Kept kept = kept(key, oldest);
        if (kept.artifact.isPresent()) {
            return kept.artifact.get().state();
        }
        CompileOutcome outcome = kept.outcome.orElse(null);
        if (outcome instanceof CompileOutcome.Rejected rejected && counts(rejected)) {
            return rejected.state();
        }
        // The queue is asked before a failure counts, because a key with an earlier failure may be in progress again.
        // Workers of older versions even store a failure before they start a child.
        if (holds(key, outcome instanceof CompileOutcome.Failed)) {
            return new KeyState.Compiling();
        }
        if (outcome instanceof CompileOutcome.Failed failed) {
            if (!kept.afterQueue) {
                // A worker may have published the artifact since the failure was read.
                cache.put(key, load(key, true));
                return state(key, oldest);
            }
            if (counts(failed)) {
                return failed.state();
            }
        }
        return new KeyState.Absent(false);
    }

    /** Why the policy refuses every artifact of {@code key}, from any builder; empty if the policy may accept one. */
    public Optional<String> refusal(ArtifactKey key) {
        try {
            policy.get().requireAllowed(key);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whether an outcome is stored for a key without an artifact, even if it does not count.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    boolean hasOutcome(ArtifactKey key) {
        return kept(key, RECENT).outcome.isPresent();
    }

    /** Why the policy accepts no new artifact, because it has expired; empty if it has not. */
    Optional<String> expired() {
        try {
            policy.get().requireInForce(clock.instant(), false);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Drops the cache entry of {@code key}. */
    public void forget(ArtifactKey key) {
        cache.invalidate(key);
    }

    /** The cache, for its statistics only. */
    public Cache<ArtifactKey, ?> cache() {
        return cache;
    }

    private Kept kept(ArtifactKey key, Duration oldest) {
        Kept kept = cache.get(key, this::load);
        Instant now = clock.instant();
        if (kept.policyVersion != policy.get().version()
                || !now.isBefore(kept.countsUntil)
                || !now.isBefore(kept.readAt.plus(oldest))) {
            cache.asMap().remove(key, kept);
            kept = cache.get(key, this::load);
        }
        return kept;
    }

    private Kept load(ArtifactKey key) {
        return load(key, false);
    }

    private Kept load(ArtifactKey key, boolean afterQueue) {
        // Reads the policy before the store: if the policy changes in between, the entry has the old version and is
        // read again.
        TrustPolicy current = policy.get();
        Instant now = clock.instant();
        Optional<StoredArtifact> artifact = artifacts.find(key);
        Optional<CompileOutcome> outcome = artifact.isPresent() ? Optional.empty() : outcomes.find(key);
        return new Kept(artifact, outcome, current.version(), now, nextEnd(current, now), afterQueue);
    }

    /** When the policy or one of its keys expires next. Cached attestations must be verified again then. */
    private static Instant nextEnd(TrustPolicy policy, Instant now) {
        return Stream.concat(
                        Stream.of(policy.expiresAt(), policy.expiresAt().plus(policy.grace())),
                        policy.keys().stream().map(TrustedKey::notAfter))
                .filter(now::isBefore)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private boolean counts(CompileOutcome outcome) {
        return new Judge(engines.terms(outcome.key().lane()), clock.instant()).counts(outcome);
    }

    /**
     * Whether the queue holds the key. If the queue does not answer, returns {@code begun}.
     *
     * @param begun the assumed result if the queue does not answer; true for a key with a failure, which may be in
     *     progress again
     */
    private boolean holds(ArtifactKey key, boolean begun) {
        try {
            return queue.holds(key);
        } catch (QueueUnavailableException e) {
            return begun;
        }
    }

    /** @param afterQueue whether the state was read after the queue said that it does not hold the key */
    private record Kept(
            Optional<StoredArtifact> artifact,
            Optional<CompileOutcome> outcome,
            long policyVersion,
            Instant readAt,
            Instant countsUntil,
            boolean afterQueue) {
        Duration timeToLive() {
            return artifact.isPresent() ? PRESENT : NEGATIVE;
        }

        int bytes() {
            return ENTRY_BYTES + artifact.map(a -> a.state().envelope().length).orElse(0);
        }
    }
}
