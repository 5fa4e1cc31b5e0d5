package dev.precast.host.trust;

import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Freshness;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.background.Background;
import dev.precast.host.disk.DiskCache;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current trust policy: the highest version with the root's signature that this host has seen. Sources provide it,
 * the disk cache stores it. Thread safe.
 */
public final class TrustKeeper implements Supplier<TrustPolicy>, Runnable, AutoCloseable {
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration FIRST_REFRESH = Duration.ofSeconds(2);

    private final TrustRoot root;
    private final Freshness freshness;
    private final List<ArtifactSource> sources;
    private final @Nullable DiskCache disk;
    private final InstantSource clock;
    private final PrecastListener listener;
    private final Duration refreshEvery;
    private final Background background = new Background(1);
    private final ReentrantLock refreshing = new ReentrantLock();
    private final Proofs proofs;
    private final ExpiryWatch expiry;
    private volatile @Nullable TrustPolicy current;
    private volatile Instant askedAt = Instant.EPOCH;
    private volatile String trouble = "no source has one";

    /** @param freshness whether a host that has never seen a policy of {@code root} demands a proof of the first one */
    public TrustKeeper(
            TrustRoot root,
            Freshness freshness,
            List<ArtifactSource> sources,
            @Nullable DiskCache disk,
            InstantSource clock,
            PrecastListener listener,
            Duration refreshEvery) {
        this.root = root;
        this.freshness = freshness;
        this.sources = sources;
        this.disk = disk;
        this.clock = clock;
        this.listener = listener;
        this.refreshEvery = refreshEvery;
        this.proofs = new Proofs(root, sources, clock, listener);
        this.expiry = new ExpiryWatch(listener);
    }

    /** Starts to read the policy from the sources repeatedly in the background. Only the first call has an effect. */
    public void keepFresh() {
        background.repeat(this, FIRST_REFRESH, refreshEvery);
    }

    @Override
    public void close() {
        background.close();
    }

    /**
     * Reads the policy of the disk cache on another thread. In a fresh JVM, starting the platform's cryptography takes
     * as long as finding the engine's lanes, so both run in parallel.
     */
    public void readAhead() {
        if (disk == null) {
            return;
        }
        Thread thread = new ReadAhead(this);
        thread.start();
    }

    private void readDisk() {
        refreshing.lock();
        try {
            if (current == null) {
                current = fromDisk();
            }
        } finally {
            refreshing.unlock();
        }
    }

    private static final class ReadAhead extends Thread {
        private final TrustKeeper keeper;

        ReadAhead(TrustKeeper keeper) {
            super("precast");
            setDaemon(true);
            this.keeper = keeper;
        }

        @Override
        public void run() {
            keeper.readDisk();
        }
    }

    /**
     * The policy, which may have expired; null if there is none. If the policy is missing or expired, asks the sources
     * at once, but at most every 5 s.
     */
    @Nullable
    public TrustPolicy current() {
        TrustPolicy policy = current;
        if (policy != null && clock.instant().isBefore(policy.expiresAt())) {
            return policy;
        }
        refreshing.lock();
        try {
            if (current == null) {
                current = fromDisk();
            }
            policy = current;
            Instant now = clock.instant();
            boolean usable = policy != null && now.isBefore(policy.expiresAt());
            if (!usable && now.isAfter(askedAt.plus(RETRY))) {
                refresh(false);
            }
            return current;
        } finally {
            refreshing.unlock();
        }
    }

    /** Why {@link #current} returned null, for people. */
    public String whyNone() {
        return trouble;
    }

    /** The policy. Call this only after {@link #current} has returned a policy. */
    @Override
    public TrustPolicy get() {
        TrustPolicy policy = current;
        if (policy == null) {
            throw new IllegalStateException("trust policy: not found");
        }
        return policy;
    }

    /**
     * Asks all sources, unless they were asked in the last 5 s. Returns whether the policy now has another version than
     * {@code under}.
     */
    public boolean refreshedSince(TrustPolicy under) {
        refreshing.lock();
        try {
            if (version() == under.version() && clock.instant().isAfter(askedAt.plus(RETRY))) {
                refresh(false);
            }
            return version() != under.version();
        } finally {
            refreshing.unlock();
        }
    }

    private long version() {
        TrustPolicy policy = current;
        return policy == null ? 0 : policy.version();
    }

    /**
     * Refreshes the policy in the background, and once an hour the proof that it is current; reports that the policy
     * expires.
     */
    @Override
    public void run() {
        refreshing.lock();
        try {
            boolean asks = freshness == Freshness.ON && proofs.areDue();
            refresh(asks);
            TrustPolicy inUse = current;
            if (inUse != null) {
                proofs.report(inUse);
                expiry.look(inUse, clock.instant());
            }
        } finally {
            refreshing.unlock();
        }
    }

    /**
     * Asks all sources and accepts a policy of a higher version.
     *
     * @param withProofs whether to ask for proofs even if none is demanded
     */
    private void refresh(boolean withProofs) {
        askedAt = clock.instant();
        boolean demanded = freshness.demands(root, current != null);
        if (demanded || withProofs) {
            // Before the policies: if one is replaced in between, the proof is about the older one, and still valid.
            proofs.ask();
        }
        for (ArtifactSource source : sources) {
            refresh(source, demanded);
        }
    }

    private void refresh(ArtifactSource source, boolean demanded) {
        try {
            TrustPolicy before = current;
            Optional<byte[]> envelope = source.trust();
            if (envelope.isEmpty()) {
                return;
            }
            TrustPolicy offered = root.open(envelope.get(), before == null ? 0 : before.version());
            if (before == null || offered.version() > before.version()) {
                if (before == null && demanded) {
                    proofs.requireCurrent(envelope.get(), offered);
                }
                current = remember(envelope.get(), offered);
            }
        } catch (RefusedException e) {
            trouble = "policy of " + source + " refused: " + e.getMessage();
            listener.on(
                    new PrecastEvent.Refused("trust policy of " + source, e.check(), String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            trouble = source + " failed: " + e;
            listener.on(new PrecastEvent.Degraded("trust policy of " + source + ": " + e));
        }
    }

    /**
     * Stores the offered policy, unless another process has stored the same or a higher version. Returns the policy to
     * use.
     */
    private TrustPolicy remember(byte[] envelope, TrustPolicy offered) throws RefusedException {
        if (disk == null) {
            return offered;
        }
        try {
            byte[] kept = disk.replacePolicy(
                    envelope.length,
                    present -> present.isPresent() && version(present.get()) >= offered.version()
                            ? present.get()
                            : envelope);
            return root.open(kept, offered.version());
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded("trust policy: cannot be stored: " + e));
            return offered;
        }
    }

    private long version(byte[] envelope) {
        try {
            return root.open(envelope, 0).version();
        } catch (RefusedException e) {
            return 0;
        }
    }

    private @Nullable TrustPolicy fromDisk() {
        if (disk == null) {
            return null;
        }
        try {
            byte[] envelope = disk.policy();
            return envelope == null ? null : root.open(envelope, 0);
        } catch (RefusedException e) {
            listener.on(new PrecastEvent.Refused("trust policy in " + disk, e.check(), String.valueOf(e.getMessage())));
            return null;
        } catch (IOException | RuntimeException e) {
            listener.on(new PrecastEvent.Degraded("trust policy in " + disk + ": " + e));
            return null;
        }
    }
}
