package dev.precast.server;

import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Trouble.Kind;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this node needs and may lack: a policy, stores, a queue, space on its disk, a right clock. Each method says what is
 * wrong, and is empty if nothing is. Only {@link #checkStores} waits for another machine.
 *
 * <p>Thread safe.
 */
@Singleton
final class NodeHealth {
    /** Largest difference between the clock of a worker and the store's. */
    static final Duration SKEW_ALLOWED = Duration.ofMinutes(1);

    private static final long MIB = 1 << 20;

    private final PolicySource policy;
    private final StoreHealth stores;
    private final DocumentStore documents;
    private final Backend.Signs signs;
    private final Path folder;
    private final PrecastConfig config;
    private final InstantSource clock;

    NodeHealth(
            PrecastConfig config,
            PolicySource policy,
            StoreHealth stores,
            Backend backend,
            DataFolder data,
            InstantSource clock) {
        this.policy = policy;
        this.stores = stores;
        this.documents = backend.stores().documents();
        this.signs = backend.signs();
        this.folder = data.root();
        this.config = config;
        this.clock = clock;
    }

    /** @param verifiedBefore whether the grace of an expired policy is enough */
    Optional<String> policy(boolean verifiedBefore) {
        Optional<TrustPolicy> found = policy.find();
        if (found.isEmpty()) {
            return Optional.of("none in force yet; publish one with precast trust policy publish");
        }
        try {
            found.get().requireInForce(clock.instant(), verifiedBefore);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e.getMessage() + "; sign the next version and publish it");
        }
    }

    /** Reads a document if the stores may not answer, or to learn whether the clock is right again. Waits for the store. */
    void checkStores() {
        if (clock().isPresent()) {
            stores.doubt();
        }
        stores.check(documents);
    }

    Optional<String> stores() {
        return stores.problem();
    }

    Optional<String> queue() {
        return signs.queueProblem().get();
    }

    Optional<String> disk() {
        long minFree = config.disk().minFree().asLongValue();
        long free = folder.toFile().getUsableSpace(); // 0 if the folder cannot be used.
        return free >= minFree
                ? Optional.empty()
                : Optional.of(folder + ": too little space (expected at least " + minFree / MIB + " MiB free, found "
                        + free / MIB + " MiB); free space, or lower precast.disk.min-free");
    }

    Optional<String> clock() {
        Supplier<Optional<Duration>> ahead = signs.clockAhead();
        return ahead.get()
                .filter(skew -> skew.abs().compareTo(SKEW_ALLOWED) > 0)
                .map(skew -> "differs from the store's by " + skew.toSeconds() + " s (expected at most "
                        + SKEW_ALLOWED.toSeconds() + " s); set the clock of this machine");
    }

    /** Whether so many concurrent compilations fit into the memory. */
    Optional<String> memory(int slots) {
        return MemoryFit.of(config, slots).problem();
    }

    /**
     * Why a worker on this node must not take requests.
     *
     * @param unlisted why the policy does not list this worker's key; empty if it does
     */
    Optional<Trouble> worker(Optional<String> unlisted) {
        return trouble(Kind.POLICY, policy(false).or(() -> unlisted))
                .or(() -> trouble(Kind.DISK, disk()))
                .or(() -> trouble(Kind.CLOCK, clock()))
                .or(() -> trouble(Kind.STORE, stores()));
    }

    private static Optional<Trouble> trouble(Kind kind, Optional<String> problem) {
        return problem.map(why -> new Trouble(kind, why));
    }
}
