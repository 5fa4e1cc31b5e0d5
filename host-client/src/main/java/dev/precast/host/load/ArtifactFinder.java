package dev.precast.host.load;

import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.disk.CachedPayload;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.disk.DiskTroubleException;
import dev.precast.host.disk.StoredBytes;
import dev.precast.host.trust.TrustKeeper;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.load.EngineLoader;
import dev.precast.load.OfferedLane;
import dev.precast.load.VerifiedArtifact;
import dev.precast.protocol.KeyState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds artifacts on disk and in the sources, and verifies them up to what the load side does. Thread safe. */
public final class ArtifactFinder {
    /** Largest payload that is kept on the heap when the disk takes none. */
    private static final int MAX_HEAP_PAYLOAD = 256 << 20;

    private final List<ArtifactSource> sources;
    private final @Nullable DiskCache disk;
    private final TrustKeeper trust;
    private final AttestationVerifier verifier;
    private final PrecastListener listener;
    private final long maxPayloadBytes;
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
    }

    /**
     * An artifact that may be loaded.
     *
     * @param envelope of its attestation
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Located(ArtifactKey key, byte[] envelope, VerifiedArtifact artifact, PrecastEvent.Tier tier) {
        /** Loads it; a payload that is not what was signed is downloaded again. */
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

    /** Verifies an attestation again, for what was loaded before. */
    void verifyAgain(byte[] envelope, ArtifactKey key) throws RefusedException {
        verifier.verify(envelope, key, true);
    }

    /** The artifact in the disk cache; its payload is downloaded if only the attestation is there. */
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
        StoredBytes bytes = payloadOnDisk(disk, attestation);
        if (bytes != null) {
            touch(disk, key, attestation);
            return located(key, envelope, attestation, bytes, sources, PrecastEvent.Tier.DISK);
        }
        return located(
                key, envelope, attestation, fetch(attestation, sources, false), sources, PrecastEvent.Tier.SOURCE);
    }

    private void touch(DiskCache in, ArtifactKey key, Attestation attestation) {
        try {
            in.touch(key, attestation.payload());
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded(in + ": the use of " + key + " is not noted: " + e));
        }
    }

    /** Whether the disk cache holds the artifact whole, by a quick look. */
    public boolean isOnDisk(ArtifactKey key) throws IOException, RefusedException {
        if (disk == null) {
            return false;
        }
        byte[] envelope = disk.attestation(key);
        return envelope != null && disk.holds(verified(envelope, key, true).payload());
    }

    private static @Nullable StoredBytes payloadOnDisk(DiskCache disk, Attestation attestation) throws IOException {
        SizedDigest payload = attestation.payload();
        DiskCache.Found found = disk.payload(payload);
        if (found == null || disk.wasHashed(payload, found)) {
            return found == null ? null : found.bytes();
        }
        if (attestation.index().isPresent()) {
            return found.bytes().unverified(); // Its entries are hashed when they are touched.
        }
        Digest hashed = sha256(found.bytes());
        if (!hashed.equals(payload.digest())) {
            found.bytes().close();
            disk.damaged(payload, hashed.toString());
            return null;
        }
        disk.markHashed(payload, found);
        return found.bytes();
    }

    private static Digest sha256(StoredBytes bytes) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        long size = bytes.size();
        for (long at = 0; at < size; at += 1 << 20) {
            sha256.update(bytes.read(at, (int) Math.min(1 << 20, size - at)));
        }
        return Digest.finish(sha256);
    }

    /** What a source gave, verified, with its payload downloaded and kept. */
    public Located accept(ArtifactKey key, byte[] envelope, ArtifactSource from) throws IOException, RefusedException {
        Attestation attestation = verified(envelope, key, false);
        StoredBytes bytes = bring(key, envelope, attestation, from);
        return located(key, envelope, attestation, bytes, sources, PrecastEvent.Tier.SOURCE);
    }

    /** Verifies and keeps what a source gave, and leaves nothing open; the size of its payload in bytes. */
    public long keep(ArtifactKey key, byte[] envelope, ArtifactSource from) throws IOException, RefusedException {
        Attestation attestation = verified(envelope, key, false);
        bring(key, envelope, attestation, from).close();
        return attestation.payload().size();
    }

    private StoredBytes bring(ArtifactKey key, byte[] envelope, Attestation attestation, ArtifactSource from)
            throws IOException, RefusedException {
        List<ArtifactSource> only = List.of(from);
        StoredBytes kept = disk == null ? null : quietly(disk, attestation);
        StoredBytes bytes = kept != null ? kept : fetch(attestation, only, false);
        if (disk != null) {
            try {
                disk.keepAttestation(key, envelope);
            } catch (IOException e) {
                listener.on(new PrecastEvent.Degraded("attestation of " + key + " is not kept: " + e));
            }
        }
        return bytes;
    }

    private @Nullable StoredBytes quietly(DiskCache from, Attestation attestation) {
        try {
            return payloadOnDisk(from, attestation);
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded("payload of " + attestation.key() + " in " + from + ": " + e));
            return null;
        }
    }

    private Attestation verified(byte[] envelope, ArtifactKey key, boolean before) throws RefusedException {
        if (trust.current() == null) {
            throw new RefusedException(Check.POLICY, "no trust policy is in force: " + trust.whyNone());
        }
        Attestation attestation = verify(envelope, key, before);
        if (attestation.payload().size() > maxPayloadBytes) {
            throw new RefusedException(
                    Check.SIZE,
                    "payload of " + key + ": at most " + maxPayloadBytes + " bytes, attested are "
                            + attestation.payload().size());
        }
        return attestation;
    }

    /** A key that was made after this host last saw the policy is no reason to refuse: the policy is looked at again. */
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
            ArtifactKey key,
            byte[] envelope,
            Attestation attestation,
            StoredBytes bytes,
            List<ArtifactSource> from,
            PrecastEvent.Tier tier) {
        CachedPayload payload = new CachedPayload(bytes, new Refetch(this, attestation, from));
        return new Located(
                key,
                envelope,
                new VerifiedArtifact(
                        attestation, payload, trust.get().extraMembers(), new Incompatible(listener, key.module())),
                tier);
    }

    /** Not a lambda either. */
    private record Incompatible(PrecastListener listener, ModuleDigest module) implements Consumer<String> {
        @Override
        public void accept(String why) {
            listener.on(new PrecastEvent.Incompatible(module, why));
        }
    }

    /** Not a lambda: making the first ones costs a starting host more than the load does. */
    private record Refetch(ArtifactFinder finder, Attestation attestation, List<ArtifactSource> from)
            implements CachedPayload.Refill {
        @Override
        public StoredBytes fetch(boolean toHeap) throws IOException {
            return finder.refetch(attestation, from, toHeap);
        }
    }

    private StoredBytes refetch(Attestation attestation, List<ArtifactSource> from, boolean toHeap) throws IOException {
        listener.on(new PrecastEvent.Refused(
                "payload " + attestation.payload().digest(),
                Check.ENTRY,
                "damaged where it is kept; downloading it again"));
        try {
            return fetch(attestation, from, toHeap);
        } catch (RefusedException e) {
            throw new IOException("downloading " + attestation.payload().digest() + " again: " + e.getMessage(), e);
        }
    }

    /** Downloads from the first source that gives what was signed. */
    private StoredBytes fetch(Attestation attestation, List<ArtifactSource> from, boolean toHeap)
            throws IOException, RefusedException {
        List<Exception> failures = new ArrayList<>();
        for (ArtifactSource source : from) {
            try {
                StoredBytes bytes = fetch(attestation, source, toHeap);
                listener.on(new PrecastEvent.Downloaded(attestation.payload().size()));
                return bytes;
            } catch (RefusedException | IOException | RuntimeException e) {
                failures.add(e);
            }
        }
        if (failures.size() == 1 && failures.get(0) instanceof RefusedException refused) {
            throw refused;
        }
        throw new FileNotFoundException(
                "payload " + attestation.payload().digest() + ": no source gives it: " + failures);
    }

    private StoredBytes fetch(Attestation attestation, ArtifactSource source, boolean toHeap)
            throws IOException, RefusedException {
        if (disk != null && !toHeap) {
            try (InputStream in = source.open(attestation)) {
                StoredBytes kept = disk.keep(attestation.payload(), in).bytes();
                StoredBytes other = kept.verified() == null ? quietly(disk, attestation) : null;
                return other == null ? kept : other;
            } catch (DiskTroubleException e) {
                listener.on(new PrecastEvent.Degraded(e.getMessage() + "; kept in memory"));
            }
        }
        try (InputStream in = source.open(attestation)) {
            return toHeap(attestation.payload(), in);
        }
    }

    private static StoredBytes toHeap(SizedDigest payload, InputStream in) throws IOException, RefusedException {
        if (payload.size() > MAX_HEAP_PAYLOAD) {
            throw new IOException("payload " + payload.digest() + ": " + payload.size()
                    + " bytes are too many for the heap, at most " + MAX_HEAP_PAYLOAD);
        }
        byte[] bytes = in.readNBytes((int) payload.size());
        if (in.read() >= 0) {
            throw new RefusedException(
                    Check.PAYLOAD, payload.digest() + ": more than the signed " + payload.size() + " bytes");
        }
        DiskCache.requireSigned(payload, new SizedDigest(Digest.of(bytes), bytes.length));
        return new StoredBytes.InHeap(bytes);
    }

    /** What the last lookup that failed failed with. */
    public Optional<String> lastTrouble() {
        return Optional.ofNullable(trouble);
    }

    /** A finding and who gave it. */
    record Answer(Finding finding, ArtifactSource from) {}

    /** Looks one module up in all sources, in order; the first that has it, else what the first said that answered. */
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

    /** One lookup; empty if the source fails. */
    public List<Finding> find(ArtifactSource source, List<ModuleDigest> modules, List<LaneId> lanes) {
        try {
            List<Finding> found = source.find(modules, lanes);
            if (found.size() != modules.size()) {
                throw new IOException("asked for " + modules.size() + " modules, it answered for " + found.size());
            }
            for (int i = 0; i < found.size(); i++) {
                ArtifactKey key = found.get(i).key();
                if (!key.module().equals(modules.get(i)) || !lanes.contains(key.lane())) {
                    throw new IOException("asked for module " + modules.get(i) + ", it answered for " + key);
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

    /** What sources offered when they were last asked; none without a disk cache. */
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
            listener.on(new PrecastEvent.Degraded("lanes that are offered are not kept: " + e.getMessage()));
        }
    }

    public boolean hasDisk() {
        return disk != null;
    }

    public List<ArtifactSource> sources() {
        return sources;
    }
}
