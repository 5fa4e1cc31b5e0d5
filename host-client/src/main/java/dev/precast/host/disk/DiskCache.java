package dev.precast.host.disk;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.PayloadFile;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.json.Json;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.ArtifactFolder;
import dev.precast.protocol.LaneJson;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder, owned by one uid, with verified attestations, their payloads and the trust policy.
 * {@code docs/explanation/host-client.md} describes the layout. Several processes may share the folder. Thread safe.
 */
public final class DiskCache {
    private static final String LANES = "lanes.json";
    private static final int BUFFER = 1 << 16;
    private static final Duration TOUCH_AFTER = Duration.ofSeconds(30);

    private final OwnedFiles files;
    private final DiskSpace space;
    private final Path folder;
    private final InstantSource clock;
    private final PrecastListener listener;

    private DiskCache(OwnedFiles files, DiskSpace space, Path folder, InstantSource clock, PrecastListener listener) {
        this.files = files;
        this.space = space;
        this.folder = folder;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * Opens the cache in {@code folder}, which is created if it does not exist.
     *
     * @param maxBytes maximum size of all files together, 1 or more
     * @throws IOException if the path is not a folder of mode 0700 that belongs to this process's uid
     */
    public static DiskCache open(Path folder, long maxBytes, InstantSource clock, PrecastListener listener)
            throws IOException {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("disk cache size: expected 1 byte or more, found " + maxBytes);
        }
        OwnedFiles files = new OwnedFiles(folder);
        return new DiskCache(files, new DiskSpace(files, folder, maxBytes, clock, listener), folder, clock, listener);
    }

    /** The attestation of a key; null if it is not stored. */
    public byte @Nullable [] attestation(ArtifactKey key) throws IOException {
        return small(attestationFile(key));
    }

    /** Stores a verified attestation. */
    public void keepAttestation(ArtifactKey key, byte[] envelope) throws IOException {
        write(envelope, attestationFile(key));
    }

    /** Deletes the attestation of a key, so that the next load asks the sources. */
    public void forget(ArtifactKey key) throws IOException {
        Files.deleteIfExists(attestationFile(key));
    }

    /** Whether the payload's file exists and has the payload's size. */
    public boolean holds(SizedDigest payload) throws IOException {
        try {
            return files.look(payloadFile(payload)).size() == payload.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * The payload, if a file of its size exists; otherwise null. Its bytes are verified only if {@link #wasHashed}
     * returns true.
     */
    @Nullable
    public Found payload(SizedDigest payload) throws IOException {
        Path file = payloadFile(payload);
        try {
            OwnedFiles.Opened opened = files.open(file);
            if (opened.stat().size() != payload.size()) {
                opened.file().close();
                damaged(payload, opened.stat().size() + " bytes");
                return null;
            }
            String identity = opened.stat().identity();
            return new Found(new StoredBytes.InFile(opened.file(), new PayloadFile(file, identity)), identity);
        } catch (FileNotFoundException e) {
            return null;
        }
    }

    /** Reports that a stored file is not the payload that its name states. */
    public void damaged(SizedDigest payload, String found) {
        listener.on(new PrecastEvent.Refused(
                "payload " + payload.digest(),
                Check.PAYLOAD,
                "damaged in " + this + ": expected " + payload.size() + " bytes with this digest, found " + found
                        + "; downloading it again"));
    }

    /** Records that an artifact was used now. */
    public void touch(ArtifactKey key, SizedDigest payload) throws IOException {
        touch(usedFile(payload));
        touch(attestationFile(key));
    }

    private void touch(Path file) throws IOException {
        Instant now = clock.instant();
        try {
            if (Files.getLastModifiedTime(file).toInstant().plus(TOUCH_AFTER).isBefore(now)) {
                Files.setLastModifiedTime(file, FileTime.from(now));
            }
        } catch (NoSuchFileException e) {
            return; // Evicted by another process.
        }
    }

    /** Whether this file was hashed before and is the payload. */
    public boolean wasHashed(SizedDigest payload, Found found) throws IOException {
        byte[] mark = small(usedFile(payload));
        return mark != null && new String(mark, StandardCharsets.UTF_8).equals(found.identity);
    }

    /** Records that this file was hashed. */
    public void markHashed(SizedDigest payload, Found found) throws IOException {
        Path mark = usedFile(payload);
        Path fresh = mark.resolveSibling(
                mark.getFileName() + "." + ProcessHandle.current().pid() + "." + System.nanoTime());
        try (RandomAccessFile file = OwnedFiles.create(fresh)) {
            file.write(found.identity.getBytes(StandardCharsets.UTF_8));
        }
        Files.move(fresh, mark, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Stores a payload.
     *
     * @param in read to its end or until it exceeds the signed size; not closed
     * @return the open payload; without a {@link StoredBytes#verified} file if another process replaced or evicted the
     *     file
     * @throws DiskTroubleException if the payload cannot be stored; a part of {@code in} may have been read
     * @throws RefusedException if the bytes are not the signed payload
     * @throws IOException if reading {@code in} fails
     */
    public Found keep(SizedDigest payload, InputStream in) throws IOException, RefusedException {
        DiskSpace.Temporary temporary = reserve(payload);
        boolean kept = false;
        try {
            copy(payload, in, temporary.file());
            Found found = publish(payload, temporary);
            kept = true;
            return found;
        } finally {
            if (!kept) {
                temporary.remove();
            }
        }
    }

    private DiskSpace.Temporary reserve(SizedDigest payload) throws DiskTroubleException {
        try {
            return space.reserve(payload.size());
        } catch (DiskTroubleException e) {
            throw e;
        } catch (IOException e) {
            throw new DiskTroubleException("reserving space for payload " + payload.digest(), e);
        }
    }

    /**
     * Moves the temporary file to its place. Returns the open file, without path and identity if another process has
     * already replaced or evicted it.
     */
    private Found publish(SizedDigest payload, DiskSpace.Temporary temporary) throws DiskTroubleException {
        Path place = payloadFile(payload);
        OwnedFiles.Stat written;
        try {
            written = OwnedFiles.stat(temporary.name());
            temporary.moveTo(place);
        } catch (IOException e) {
            throw new DiskTroubleException("storing payload " + payload.digest(), e);
        }
        try {
            OwnedFiles.Stat there = OwnedFiles.stat(place);
            if (there.isSameFileAs(written)) {
                String identity = there.identity();
                Found found =
                        new Found(new StoredBytes.InFile(temporary.file(), new PayloadFile(place, identity)), identity);
                markHashed(payload, found);
                return found;
            }
        } catch (IOException e) {
            return unnamed(temporary); // Evicted already.
        }
        return unnamed(temporary); // Another process replaced the file.
    }

    private static Found unnamed(DiskSpace.Temporary temporary) {
        return new Found(new StoredBytes.InFile(temporary.file(), null), "");
    }

    private static void copy(SizedDigest payload, InputStream in, RandomAccessFile out)
            throws IOException, RefusedException {
        MessageDigest sha256 = Digest.sha256();
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            size += n;
            if (size > payload.size()) {
                throw new RefusedException(
                        Check.PAYLOAD,
                        "payload " + payload.digest() + ": larger than the signed " + payload.size() + " bytes");
            }
            sha256.update(buffer, 0, n);
            try {
                out.write(buffer, 0, n);
            } catch (IOException e) {
                throw new DiskTroubleException("writing payload " + payload.digest(), e);
            }
        }
        requireSigned(payload, new SizedDigest(Digest.finish(sha256), size));
    }

    public static void requireSigned(SizedDigest signed, SizedDigest found) throws RefusedException {
        if (!found.equals(signed)) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    "payload: expected " + signed.digest() + " of " + signed.size() + " bytes, found " + found.digest()
                            + " of " + found.size() + " bytes");
        }
    }

    /** The lanes that sources offered last; empty if they were never stored. */
    public List<OfferedLane> lanes() throws IOException {
        byte[] kept = small(folder.resolve(LANES));
        try {
            return kept == null ? List.of() : LaneJson.offers(Json.parse(kept).asObject(LANES));
        } catch (IllegalArgumentException e) {
            throw new IOException(folder.resolve(LANES) + ": " + e.getMessage(), e);
        }
    }

    /** Stores the lanes that sources offer. */
    public void keepLanes(List<OfferedLane> offers) throws IOException {
        write(LaneJson.write(offers).canonical().getBytes(StandardCharsets.UTF_8), folder.resolve(LANES));
    }

    /** The signed trust policy; null if there is none. */
    public byte @Nullable [] policy() throws IOException {
        return small(folder.resolve(ArtifactFolder.POLICY));
    }

    /**
     * Replaces the policy under a lock.
     *
     * @param maxBytes maximum size of a new policy
     * @param choose receives the present policy and returns the policy to store
     * @return the stored policy
     */
    public byte[] replacePolicy(int maxBytes, Choice choose) throws IOException {
        DiskSpace.Temporary temporary = space.reserve(maxBytes);
        boolean moved = false;
        try {
            byte[] chosen = space.locked(() -> {
                byte[] present = policy();
                byte[] kept = choose.of(Optional.ofNullable(present));
                if (!Arrays.equals(kept, present)) {
                    temporary.file().setLength(kept.length);
                    temporary.file().write(kept);
                    temporary.moveTo(folder.resolve(ArtifactFolder.POLICY));
                }
                return kept;
            });
            moved = true;
            return chosen;
        } finally {
            if (!moved || Files.exists(temporary.name())) {
                temporary.remove();
            } else {
                temporary.file().close();
            }
        }
    }

    private void write(byte[] bytes, Path place) throws IOException {
        DiskSpace.Temporary temporary = space.reserve(bytes.length);
        boolean moved = false;
        try {
            temporary.file().write(bytes);
            temporary.moveTo(place);
            moved = true;
            temporary.file().close();
        } finally {
            if (!moved) {
                temporary.remove();
            }
        }
    }

    private byte @Nullable [] small(Path file) throws IOException {
        try (RandomAccessFile opened = files.open(file).file()) {
            byte[] bytes = new byte[(int) Math.min(opened.length(), Envelope.MAX_BYTES + 1L)];
            opened.readFully(bytes);
            return bytes;
        } catch (FileNotFoundException e) {
            return null;
        }
    }

    private Path attestationFile(ArtifactKey key) {
        return folder.resolve("attestations").resolve(key.digest().hex());
    }

    private Path payloadFile(SizedDigest payload) {
        return folder.resolve("payloads").resolve(payload.digest().hex());
    }

    private Path usedFile(SizedDigest payload) {
        return folder.resolve("used").resolve(payload.digest().hex());
    }

    @Override
    public String toString() {
        return "disk cache " + folder;
    }

    /** An open payload with the identity of its file, which changes if the file is written. */
    public record Found(StoredBytes.InFile bytes, String identity) {}

    public interface Choice {
        byte[] of(Optional<byte[]> present);
    }
}
