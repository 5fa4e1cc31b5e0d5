package dev.precast.host.load;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.host.ArtifactSource;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.disk.CachedPayload;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.disk.DiskTroubleException;
import dev.precast.host.disk.StoredBytes;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Payloads in the disk cache and in the sources, checked against their attestations. Thread safe. */
final class Payloads {
    /** Maximum size in bytes of a payload that is kept on the heap if the disk cache cannot store it. */
    private static final int MAX_HEAP_PAYLOAD = 256 << 20;

    private final List<ArtifactSource> sources;
    private final @Nullable DiskCache disk;
    private final PrecastListener listener;

    Payloads(List<ArtifactSource> sources, @Nullable DiskCache disk, PrecastListener listener) {
        this.sources = sources;
        this.disk = disk;
        this.listener = listener;
    }

    /** Finds a payload in the disk cache; null if it is not there, or damaged. */
    @Nullable
    StoredBytes onDisk(Attestation attestation) throws IOException {
        if (disk == null) {
            return null;
        }
        SizedDigest payload = attestation.payload();
        DiskCache.Found found = disk.payload(payload);
        if (found == null || disk.wasHashed(payload, found)) {
            return found == null ? null : found.bytes();
        }
        if (attestation.index().isPresent()) {
            return found.bytes().unverified(); // The entries of a bundle are hashed at their first use.
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

    /** Like {@link #onDisk}; also null if the disk cache cannot be read. */
    @Nullable
    StoredBytes onDiskIfUsable(Attestation attestation) {
        try {
            return onDisk(attestation);
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded(
                    "payload of " + attestation.key() + " in " + disk + ": cannot be used: " + e));
            return null;
        }
    }

    /** A payload with these bytes, which is downloaded again if they prove to be damaged. */
    CachedPayload cached(StoredBytes bytes, Attestation attestation) {
        return new CachedPayload(bytes, new Refetch(this, attestation));
    }

    /** A record instead of a lambda: in a starting host, the first lambdas cost more time than the load. */
    private record Refetch(Payloads payloads, Attestation attestation) implements CachedPayload.Refill {
        @Override
        public StoredBytes fetch(boolean toHeap) throws IOException {
            return payloads.refetch(attestation, toHeap);
        }
    }

    private StoredBytes refetch(Attestation attestation, boolean toHeap) throws IOException {
        listener.on(new PrecastEvent.Refused(
                "payload " + attestation.payload().digest(),
                Check.ENTRY,
                "stored payload is damaged; downloading it again"));
        try {
            return fetch(attestation, sources, toHeap);
        } catch (RefusedException e) {
            throw new IOException(
                    "payload " + attestation.payload().digest() + ": repeated download failed: " + e.getMessage(), e);
        }
    }

    /**
     * Downloads a payload from the first source that has it undamaged, to the disk cache or, if that fails, to the heap.
     *
     * @throws RefusedException if the only source has only damaged bytes
     * @throws IOException if no source delivers the payload
     */
    StoredBytes download(Attestation attestation, List<ArtifactSource> from) throws IOException, RefusedException {
        return fetch(attestation, from, false);
    }

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
        throw new FileNotFoundException("payload " + attestation.payload().digest() + ": download failed: " + failures);
    }

    private StoredBytes fetch(Attestation attestation, ArtifactSource source, boolean toHeap)
            throws IOException, RefusedException {
        if (disk != null && !toHeap) {
            try {
                StoredBytes kept = Retrieval.of(source, attestation, new Kept(attestation, source, listener, disk));
                StoredBytes other = kept.verified() == null ? onDiskIfUsable(attestation) : null;
                return other == null ? kept : other;
            } catch (DiskTroubleException e) {
                listener.on(new PrecastEvent.Degraded(e.getMessage() + "; kept in memory"));
            }
        }
        return Retrieval.of(source, attestation, new Kept(attestation, source, listener, null));
    }

    /**
     * Keeps a payload in the disk cache, or on the heap. A record instead of a lambda; see {@link Refetch}.
     *
     * @param disk null to keep it on the heap
     */
    private record Kept(
            Attestation attestation,
            ArtifactSource source,
            PrecastListener listener,
            @Nullable DiskCache disk) implements Retrieval.Use<StoredBytes> {
        @Override
        public StoredBytes of(InputStream in) throws IOException, RefusedException {
            return disk == null
                    ? toHeap(attestation.payload(), in)
                    : disk.keep(attestation.payload(), in).bytes();
        }

        @Override
        public void damaged(Exception why) {
            listener.on(new PrecastEvent.Degraded(source + ": sent damaged bytes; trying again: " + why.getMessage()));
        }
    }

    private static StoredBytes toHeap(SizedDigest payload, InputStream in) throws IOException, RefusedException {
        if (payload.size() > MAX_HEAP_PAYLOAD) {
            throw new IOException("payload " + payload.digest() + ": too large for the heap (expected at most "
                    + MAX_HEAP_PAYLOAD + " bytes, found " + payload.size() + ")");
        }
        byte[] bytes = in.readNBytes((int) payload.size());
        if (in.read() >= 0) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    "payload " + payload.digest() + ": larger than the signed " + payload.size() + " bytes");
        }
        DiskCache.requireSigned(payload, new SizedDigest(Digest.of(bytes), bytes.length));
        return new StoredBytes.InHeap(bytes);
    }
}
