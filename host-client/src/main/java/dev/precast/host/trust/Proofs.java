package dev.precast.host.trust;

import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Freshness;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest proof of the current policy that the sources have shown: of the newest appointment, the statement with the
 * highest policy version. Not thread safe.
 */
final class Proofs {
    private static final Duration EVERY = Duration.ofHours(1);

    private final TrustRoot root;
    private final List<ArtifactSource> sources;
    private final InstantSource clock;
    private final PrecastListener listener;
    private FreshnessProof.@Nullable Verified newest;
    private FreshnessProof.@Nullable Verified reported;
    /** The highest version that a proof named as current while no source had it; 0 if none. */
    private long missing;

    private String trouble = "no source has a proof";
    private Instant askedAt = Instant.EPOCH;

    Proofs(TrustRoot root, List<ArtifactSource> sources, InstantSource clock, PrecastListener listener) {
        this.root = root;
        this.sources = sources;
        this.clock = clock;
        this.listener = listener;
    }

    /** Whether the sources were not asked in the last hour. */
    boolean areDue() {
        return !clock.instant().isBefore(askedAt.plus(EVERY));
    }

    /** Asks all sources. */
    void ask() {
        askedAt = clock.instant();
        for (ArtifactSource source : sources) {
            try {
                Optional<byte[]> proof = source.current();
                if (proof.isPresent()) {
                    take(proof.get());
                }
            } catch (RefusedException e) {
                trouble = "proof of " + source + " refused: " + e.detail();
                listener.on(new PrecastEvent.Refused(
                        "proof of the current policy from " + source, e.check(), String.valueOf(e.getMessage())));
            } catch (IOException | RuntimeException e) {
                trouble = source + " failed: " + e;
                listener.on(new PrecastEvent.Degraded("proof of the current policy from " + source + ": " + e));
            }
        }
    }

    /**
     * Requires a proof that this policy is current.
     *
     * @param envelope the policy's envelope as JSON, verified before
     * @throws RefusedException if no source has a proof that is in force, or it is about a newer policy
     */
    void requireCurrent(byte[] envelope, TrustPolicy policy) throws RefusedException {
        FreshnessProof.Verified proof = newest;
        if (proof == null) {
            throw Freshness.unproven(policy, trouble);
        }
        try {
            proof.requireInForce(clock.instant());
        } catch (RefusedException e) {
            throw Freshness.unproven(policy, e.detail());
        }
        proof.requireCurrent(envelope, policy);
    }

    private void take(byte[] json) throws RefusedException {
        FreshnessProof.Verified before = newest;
        FreshnessProof.Verified shown = FreshnessProof.parse(json)
                .verify(root, before == null ? 0 : before.appointment().version());
        if (before == null || isNewer(shown, before)) {
            shown.requireInForce(clock.instant());
            newest = shown;
        }
    }

    private static boolean isNewer(FreshnessProof.Verified a, FreshnessProof.Verified b) {
        if (a.appointment().version() != b.appointment().version()) {
            return a.appointment().version() > b.appointment().version();
        }
        if (a.statement().version() != b.statement().version()) {
            return a.statement().version() > b.statement().version();
        }
        return a.statement().issuedAt().isAfter(b.statement().issuedAt());
    }

    /**
     * Warns if the sources withhold the current policy, or no longer prove which one is current. Warns once for each
     * proof. A missing policy is reported when it is missing for the second time, because replicas of a service get a
     * new policy within seconds of each other.
     *
     * @param inUse the policy that this host uses
     */
    void report(TrustPolicy inUse) {
        FreshnessProof.Verified proof = newest;
        if (proof == null || proof.equals(reported)) {
            return;
        }
        long version = proof.statement().version();
        if (version > inUse.version()) {
            if (missing < version) {
                missing = version;
                return;
            }
            reported = proof;
            listener.on(new PrecastEvent.Degraded("trust policy: version " + inUse.version()
                    + " is in use, but version " + version + " was current at "
                    + proof.statement().issuedAt() + ", and no source has it"));
            return;
        }
        try {
            proof.requireInForce(clock.instant());
        } catch (RefusedException e) {
            reported = proof;
            listener.on(new PrecastEvent.Degraded("trust policy: version " + inUse.version()
                    + " is in use, but no source proves any longer that it is current: " + e.getMessage()));
        }
    }
}
