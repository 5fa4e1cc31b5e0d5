package dev.precast.host.folder;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.Freshness;
import dev.precast.host.OfferedPolicy;
import dev.precast.host.PayloadSource;
import dev.precast.host.load.Retrieval;
import dev.precast.protocol.ArtifactFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder of downloaded artifacts, in the layout of {@link ArtifactFolder}, which a
 * {@link dev.precast.host.DirectorySource} reads. A file gets its name, by a rename, only after it is verified, and
 * never changes after that, so hosts may map it. Not thread safe.
 */
public final class DownloadFolder {
    private static final int BUFFER = 1 << 16;

    private final Path folder;
    private final PayloadSource payloads;
    private final TrustRoot root;
    private final Freshness freshness;
    private final EntryChecks checks;
    private final InstantSource clock;
    /** Files that this process hashed, each with an identity that changes if the file is replaced. */
    private final Map<Path, String> hashed = new HashMap<>();

    /**
     * @param payloads source of payloads, such as {@link dev.precast.host.service.ServiceClient}
     * @param freshness whether a folder without a policy demands a proof that the first one is current
     */
    public DownloadFolder(
            Path folder,
            PayloadSource payloads,
            TrustRoot root,
            Freshness freshness,
            EntryChecks checks,
            InstantSource clock) {
        this.folder = folder;
        this.payloads = payloads;
        this.root = root;
        this.freshness = freshness;
        this.checks = checks;
        this.clock = clock;
    }

    /**
     * A trust policy.
     *
     * @param envelope the signed policy; must not be changed
     * @param proof the verified proof that the policy is current, as JSON; empty if there is none
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Policy(byte[] envelope, TrustPolicy opened, Optional<byte[]> proof) {}

    /**
     * Verifies a policy that a source offers.
     *
     * @throws RefusedException if the root did not sign the policy, the folder has a newer one, the proof is about a
     *     newer one, or a demanded proof is missing
     */
    public Policy policy(OfferedPolicy offered) throws IOException, RefusedException {
        // Versions of another root's policy do not count.
        long lowest = keptPolicy().map(kept -> kept.opened().version()).orElse(0L);
        OfferedPolicy.Opened opened = offered.open(root, lowest, freshness, clock.instant());
        return new Policy(offered.envelope(), opened.policy(), opened.proven() ? offered.proof() : Optional.empty());
    }

    /** The folder's policy, if the root signed it. */
    public Optional<Policy> keptPolicy() throws IOException {
        byte[] envelope = existing(ArtifactFolder.POLICY);
        try {
            return envelope == null
                    ? Optional.empty()
                    : Optional.of(new Policy(envelope, root.open(envelope, 0), Optional.empty()));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    private byte @Nullable [] existing(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readAllBytes(file) : null;
    }

    /**
     * Verifies an attestation, downloads the payload unless the folder has it, and stores both and the policy.
     *
     * @param envelope the attestation of {@code key}, as the source sent it
     * @throws RefusedException if the attestation or the payload is not valid for that key
     * @throws dev.precast.host.service.ServiceException if the source is a service and fails
     * @throws IOException if the folder cannot be written
     */
    public ArtifactVerification bring(Policy policy, Digest key, byte[] envelope) throws IOException, RefusedException {
        Attestation attestation = ArtifactVerification.attestation(envelope, key, policy.opened(), clock);
        Files.createDirectories(folder);
        Optional<ArtifactVerification> there = verifiedThere(attestation, policy);
        ArtifactVerification verified = there.isPresent() ? there.get() : download(attestation, policy);
        keep(policy);
        write(ArtifactFolder.attestation(key), envelope);
        return verified;
    }

    /** Writes the policy, then the proof that it is current, unless the folder has them. */
    public void keep(Policy policy) throws IOException {
        Files.createDirectories(folder);
        keep(ArtifactFolder.POLICY, policy.envelope());
        if (policy.proof().isPresent()) {
            keep(ArtifactFolder.CURRENT, policy.proof().get());
        }
    }

    private void keep(String name, byte[] bytes) throws IOException {
        if (!Arrays.equals(existing(name), bytes)) {
            write(name, bytes);
        }
    }

    /** The file of an artifact's payload. */
    public Path file(Attestation attestation) {
        return folder.resolve(ArtifactFolder.payload(attestation.payload().digest()));
    }

    /** The folder's complete artifacts that the policy allows. */
    public List<ArtifactVerification> kept(Policy policy) throws IOException {
        List<ArtifactVerification> kept = new ArrayList<>();
        for (String name : names()) {
            Optional<Digest> key = ArtifactFolder.attestedKey(name);
            byte[] envelope = key.isEmpty() ? null : existing(name);
            if (envelope == null) {
                continue;
            }
            try {
                verifiedThere(ArtifactVerification.attestation(envelope, key.get(), policy.opened(), clock), policy)
                        .ifPresent(kept::add);
            } catch (RefusedException e) {
                continue; // The policy no longer allows it.
            }
        }
        return kept;
    }

    /**
     * Deletes all artifacts except these. Files are only unlinked, so a host may go on using one that it has opened or
     * mapped.
     */
    public void deleteAllBut(Iterable<ArtifactVerification> artifacts) throws IOException {
        Set<String> kept = new HashSet<>();
        for (ArtifactVerification each : artifacts) {
            Attestation attestation = each.attestation();
            kept.add(ArtifactFolder.payload(attestation.payload().digest()));
            kept.add(ArtifactFolder.attestation(attestation.key().digest()));
        }
        for (String name : names()) {
            if (!kept.contains(name)) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
    }

    /** The names of attestations and payloads; none if there is no folder yet. */
    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    String name = String.valueOf(file.getFileName());
                    if (ArtifactFolder.isArtifact(name)) {
                        names.add(name);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return names;
    }

    private Optional<ArtifactVerification> verifiedThere(Attestation attestation, Policy policy) throws IOException {
        Path payload = file(attestation);
        if (!Files.exists(payload, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        String identity = identity(payload);
        if (identity.equals(hashed.get(payload))) {
            return Optional.of(new ArtifactVerification(attestation, 0, OptionalInt.empty()));
        }
        try {
            ArtifactVerification verified = ArtifactVerification.payload(attestation, policy.opened(), payload, checks);
            hashed.put(payload, identity);
            return Optional.of(verified);
        } catch (RefusedException e) {
            return Optional.empty(); // Damaged; a download replaces it.
        }
    }

    private ArtifactVerification download(Attestation attestation, Policy policy) throws IOException, RefusedException {
        Path part = Files.createTempFile(folder, ".part-", "");
        try {
            ArtifactVerification verified = Retrieval.of(payloads, attestation, in -> {
                try (OutputStream out = Files.newOutputStream(part)) {
                    copy(in, out, attestation.payload().size());
                }
                return ArtifactVerification.payload(attestation, policy.opened(), part, checks);
            });
            Path file = file(attestation);
            place(part, file);
            hashed.put(file, identity(file));
            return verified;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Copies the payload; stops soon after the signed size, since a longer payload is refused anyway. */
    private static void copy(InputStream in, OutputStream out, long signed) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        for (int n = in.read(buffer); n >= 0 && size <= signed; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            size += n;
        }
    }

    /** Writes a small file into the folder atomically. */
    public void write(String name, byte[] bytes) throws IOException {
        Path part = Files.createTempFile(folder, ".part-", "");
        try {
            Files.write(part, bytes);
            place(part, folder.resolve(name));
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void place(Path part, Path name) throws IOException {
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.READ)) {
            file.force(true);
        }
        Files.move(part, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String identity(Path file) throws IOException {
        return Files.readAttributes(file, "unix:dev,ino,size,ctime", LinkOption.NOFOLLOW_LINKS)
                .toString();
    }
}
