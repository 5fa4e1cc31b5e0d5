package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.disk.StoredBytes;
import dev.precast.host.trust.TrustKeeper;
import dev.precast.load.EngineLoader;
import dev.precast.load.OfferedLane;
import dev.precast.load.VerifiedArtifact;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds artifacts on disk and in the sources. Does all checks except those of the load side. Thread safe. */
public final class ArtifactFinder {
    private final List<ArtifactSource> sources;
    private final @Nullable DiskCache disk;
    private final TrustKeeper trust;
    private final AttestationVerifier verifier;
    private final PrecastListener listener;
    private final long maxPayloadBytes;
    private final Payloads payloads;
    private final BrokenArtifacts broken = new BrokenArtifacts();
    private volatile @Nullable String trouble;

    public ArtifactFinder(
            List<ArtifactSource> sources,
            @Nullable DiskCache disk,
            TrustKeeper trust,
            InstantSource clock,
            PrecastListener listener,
            long maxPayloadBytes) {
        this.sources = sources;
        this.disk = disk;
        this.trust = trust;
        this.verifier = new AttestationVerifier(trust, clock);
        this.listener = listener;
        this.maxPayloadBytes = maxPayloadBytes;
        this.payloads = new Payloads(sources, disk, listener);
    }

    /**
     * An artifact that passed the checks of this class.
     *
     * @param envelope the attestation's DSSE envelope
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Located(ArtifactKey key, byte[] envelope, VerifiedArtifact artifact, PrecastEvent.Tier tier) {
        /** Loads the artifact. Downloads the payload again if it is damaged. */
        <M> M load(EngineLoader<M> loader) throws IOException, RefusedException {
            while (true) {
                try {
                    return loader.load(artifact);
                } catch (RefusedException e) {
                    boolean damaged =
                            e.check() == Check.PAYLOAD || e.check() == Check.INDEX || e.check() == Check.ENTRY;
                    if (!damaged || !artifact.payload().refetch()) {
                        throw e;
                    }
                }
            }
        }
    }

    /** Whether the engine refused the signed bytes, in contrast to damaged ones. */
    static boolean isByEngine(RefusedException e) {
        return e.check() == Check.BYTECODE || e.check() == Check.LOADABLE;
    }

    /** Verifies the attestation of a loaded module again. */
    void verifyAgain(byte[] envelope, ArtifactKey key) throws RefusedException {
        broken.requireNot(verifier.verify(envelope, key, true));
    }

    /** Whether a part of the artifact with this payload failed a check in this process. */
    boolean isBroken(Digest payload) {
        return broken.contains(payload);
    }

    /** Reports an artifact that the engine refused to load. Its bytes are the signed ones. */
    void refusedByEngine(Located located) {
        reportUnloadable(located.artifact().attestation());
    }

    /** Reports an artifact a part of which failed a check after the load. This process does not load it again. */
    private void broken(Attestation attestation, RefusedException why) {
        if (!isByEngine(why) || !broken.add(attestation)) {
            return;
        }
        ArtifactKey key = attestation.key();
        listener.on(new PrecastEvent.Refused("module " + key.module(), why.check(), String.valueOf(why.getMessage())));
        if (disk != null) {
            try {
                disk.forget(key);
            } catch (IOException e) {
                listener.on(new PrecastEvent.Degraded("attestation of " + key + ": cannot be deleted: " + e));
            }
        }
        reportUnloadable(attestation);
    }

    private void reportUnloadable(Attestation attestation) {
        sources.forEach(source -> source.reportUnloadable(attestation));
    }

    /** Finds an artifact in the disk cache. Downloads the payload if only the attestation is there. */
    @Nullable
    Located onDisk(ArtifactKey key) throws IOException, RefusedException {
        if (disk == null) {
            return null;
        }
        byte[] envelope = disk.attestation(key);
        if (envelope == null) {
            return null;
        }
        Attestation attestation = verified(envelope, key, true);
        StoredBytes bytes = payloads.onDisk(attestation);
        if (bytes != null) {
            touch(disk, key, attestation);
            return located(key, envelope, attestation, bytes, PrecastEvent.Tier.DISK);
        }
        return located(key, envelope, attestation, payloads.download(attestation, sources), PrecastEvent.Tier.SOURCE);
    }

    private void touch(DiskCache in, ArtifactKey key, Attestation attestation) {
        try {
            in.touch(key, attestation.payload());
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded(in + ": cannot record the use of " + key + ": " + e));
        }
    }

    /** Whether the disk cache holds attestation and payload. Does not hash the payload. */
    public boolean isOnDisk(ArtifactKey key) throws IOException, RefusedException {
        if (disk == null) {
            return false;
        }
        byte[] envelope = disk.attestation(key);
        return envelope != null && disk.holds(verified(envelope, key, true).payload());
    }

    /** Verifies an attestation from a source, downloads the payload unless it is on disk, and stores both. */
    public Located accept(ArtifactKey key, byte[] envelope, ArtifactSource from) throws IOException, RefusedException {
        Attestation attestation = verified(envelope, key, false);
        StoredBytes bytes = bring(key, envelope, attestation, from);
        return located(key, envelope, attestation, bytes, PrecastEvent.Tier.SOURCE);
    }

    /** Like {@link #accept}, but leaves no file open. Returns the size of the payload in bytes. */
    public long keep(ArtifactKey key, byte[] envelope, ArtifactSource from) throws IOException, RefusedException {
        Attestation attestation = verified(envelope, key, false);
        bring(key, envelope, attestation, from).close();
        return attestation.payload().size();
    }

    private StoredBytes bring(ArtifactKey key, byte[] envelope, Attestation attestation, ArtifactSource from)
            throws IOException, RefusedException {
        StoredBytes kept = payloads.onDiskIfUsable(attestation);
        StoredBytes bytes = kept != null ? kept : payloads.download(attestation, List.of(from));
        if (disk != null) {
            try {
                disk.keepAttestation(key, envelope);
            } catch (IOException e) {
                listener.on(new PrecastEvent.Degraded("attestation of " + key + ": cannot be stored: " + e));
            }
        }
        return bytes;
    }

    private Attestation verified(byte[] envelope, ArtifactKey key, boolean before) throws RefusedException {
        if (trust.current() == null) {
            throw new RefusedException(Check.POLICY, "trust policy: not available: " + trust.whyNone());
        }
        Attestation attestation = verify(envelope, key, before);
        broken.requireNot(attestation);
        if (attestation.payload().size() > maxPayloadBytes) {
            throw new RefusedException(
                    Check.SIZE,
                    "payload of " + key + ": too large: expected at most " + maxPayloadBytes + " bytes, found "
                            + attestation.payload().size());
        }
        return attestation;
    }

    /**
     * Verifies an attestation. If the policy does not accept the signing key, reads the policy again, because the key
     * may be newer than the policy.
     */
    private Attestation verify(byte[] envelope, ArtifactKey key, boolean before) throws RefusedException {
        TrustPolicy under = trust.get();
        try {
            return verifier.verify(envelope, key, before);
        } catch (RefusedException e) {
            boolean byPolicy =
                    e.check() == Check.SIGNATURE || e.check() == Check.KEY_SCOPE || e.check() == Check.POLICY;
            if (before || !byPolicy || !trust.refreshedSince(under)) {
                throw e;
            }
            return verifier.verify(envelope, key, false);
        }
    }

    private Located located(
            ArtifactKey key, byte[] envelope, Attestation attestation, StoredBytes bytes, PrecastEvent.Tier tier) {
        return new Located(
                key,
                envelope,
                new VerifiedArtifact(
                        attestation,
                        payloads.cached(bytes, attestation),
                        trust.get().extraMembers(),
                        new Incompatible(listener, key.module()),
                        new Broken(this, attestation)),
                tier);
    }

    /** A record instead of a lambda: in a starting host, the first lambdas cost more time than the load. */
    private record Incompatible(PrecastListener listener, ModuleDigest module) implements Consumer<String> {
        @Override
        public void accept(String why) {
            listener.on(new PrecastEvent.Incompatible(module, why));
        }
    }

    /** A record instead of a lambda; see {@link Incompatible}. */
    private record Broken(ArtifactFinder finder, Attestation attestation) implements Consumer<RefusedException> {
        @Override
        public void accept(RefusedException why) {
            finder.broken(attestation, why);
        }
    }

    /** The error of the last failed lookup; empty if none has failed. */
    public Optional<String> lastTrouble() {
        return Optional.ofNullable(trouble);
    }

    /** A finding and its source. */
    record Answer(Finding finding, ArtifactSource from) {}

    /**
     * Looks up a module in the sources, in their order. Returns the answer of the first source that has the artifact,
     * otherwise the first answer; null if no source answers.
     */
    @Nullable
    public Answer find(ModuleDigest module, List<LaneId> lanes) {
        Answer first = null;
        for (ArtifactSource source : sources) {
            for (Finding finding : find(source, List.of(module), lanes)) {
                if (finding.state() instanceof KeyState.Present) {
                    return new Answer(finding, source);
                }
                if (first == null) {
                    first = new Answer(finding, source);
                }
            }
        }
        return first;
    }

    /** Makes one lookup; empty if the source fails. */
    public List<Finding> find(ArtifactSource source, List<ModuleDigest> modules, List<LaneId> lanes) {
        try {
            List<Finding> found = source.find(modules, lanes);
            if (found.size() != modules.size()) {
                throw new IOException("expected answers for " + modules.size() + " modules, found " + found.size());
            }
            for (int i = 0; i < found.size(); i++) {
                ArtifactKey key = found.get(i).key();
                if (!key.module().equals(modules.get(i)) || !lanes.contains(key.lane())) {
                    throw new IOException("expected an answer for module " + modules.get(i) + ", found " + key);
                }
            }
            return found;
        } catch (IOException | RuntimeException e) {
            String failed = "lookup in " + source + ": " + e;
            trouble = failed;
            listener.on(new PrecastEvent.Degraded(failed));
            return List.of();
        }
    }

    /** The lanes that sources offered last; empty without a disk cache. */
    List<OfferedLane> rememberedLanes() throws IOException {
        return disk == null ? List.of() : disk.lanes();
    }

    void rememberLanes(List<OfferedLane> offers) {
        if (disk == null || offers.isEmpty()) {
            return;
        }
        try {
            disk.keepLanes(offers);
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded("offered lanes: cannot be stored: " + e.getMessage()));
        }
    }

    public boolean hasDisk() {
        return disk != null;
    }

    public List<ArtifactSource> sources() {
        return sources;
    }
}
