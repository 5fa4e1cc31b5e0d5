package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Brings artifacts into a folder in the layout of the host client's {@code DirectorySource}: {@code <key
 * digest>.dsse.json}, {@code <payload digest>}, {@code trust-policy.dsse.json}. Nothing stands under its name before it
 * is verified; files appear by rename and are never written again, so that hosts may map them.
 */
final class ArtifactDownload {
    static final String POLICY = "trust-policy.dsse.json";
    static final String ATTESTATION = ".dsse.json";
    private static final int BUFFER = 1 << 16;

    private final Common common;
    private final ServiceClient service;
    private final TrustRoot root;
    private final Path folder;
    /** What was hashed by this process, by name, and how the file system told it from what may replace it. */
    private final Map<Path, String> hashed = new HashMap<>();

    ArtifactDownload(Common common, ServiceClient service, TrustRoot root, Path folder) {
        this.common = common;
        this.service = service;
        this.root = root;
        this.folder = folder;
    }

    /** The policy in force, as signed. */
    record Policy(byte[] envelope, TrustPolicy opened) {}

    /** @throws RefusedException if the root did not sign it, or the folder has a newer one */
    Policy policy() throws IOException, RefusedException {
        byte[] envelope = TrustSetup.signedPolicy(service);
        return new Policy(envelope, root.open(envelope, lowestVersion()));
    }

    /** The policy of the folder, if the root signed it. */
    @Nullable
    Policy keptPolicy() throws IOException {
        byte[] envelope = existing(POLICY);
        try {
            return envelope == null ? null : new Policy(envelope, root.open(envelope, 0));
        } catch (RefusedException e) {
            return null; // Another root's.
        }
    }

    private byte @Nullable [] existing(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readAllBytes(file) : null;
    }

    private long lowestVersion() throws IOException {
        Policy kept = keptPolicy();
        return kept == null ? 0 : kept.opened().version(); // Of another root's, the one that is asked for now counts.
    }

    /** The artifact of a key that the service has. */
    Verification get(Policy policy, Digest key) throws IOException, RefusedException {
        return switch (service.compilation(key, Duration.ZERO)) {
            case KeyState.Present(byte[] envelope) -> bring(policy, key, envelope);
            case KeyState other -> throw Problems.failure(other, "key " + key);
        };
    }

    /**
     * Verifies what the service says, and downloads the payload unless it is there.
     *
     * @throws RefusedException if what the service sends is not what was signed for that key
     */
    Verification bring(Policy policy, Digest key, byte[] envelope) throws IOException, RefusedException {
        Attestation attestation = Verification.attestation(
                envelope, key, policy.opened(), common.around().clock());
        Files.createDirectories(folder);
        Verification verified = verifiedThere(attestation, policy);
        if (verified == null) {
            verified = download(attestation, policy);
        }
        keep(policy);
        write(key.hex() + ATTESTATION, envelope);
        return verified;
    }

    /** Writes the policy to the folder, unless it is there. */
    void keep(Policy policy) throws IOException {
        if (!Arrays.equals(existing(POLICY), policy.envelope())) {
            write(POLICY, policy.envelope());
        }
    }

    /** Where an artifact's payload stands. */
    Path file(Attestation attestation) {
        return folder.resolve(attestation.payload().digest().hex());
    }

    /** The artifact of a key, if it is in the folder whole and the policy allows it. */
    @Nullable
    Verification kept(Policy policy, Digest key) throws IOException {
        byte[] envelope = existing(key.hex() + ATTESTATION);
        if (envelope == null) {
            return null;
        }
        try {
            return verifiedThere(
                    Verification.attestation(
                            envelope, key, policy.opened(), common.around().clock()),
                    policy);
        } catch (RefusedException e) {
            return null;
        }
    }

    private @Nullable Verification verifiedThere(Attestation attestation, Policy policy) throws IOException {
        Path payload = file(attestation);
        String identity = identity(payload);
        if (identity == null) {
            return null;
        }
        if (identity.equals(hashed.get(payload))) {
            return new Verification(attestation, 0, OptionalInt.empty());
        }
        try {
            Verification verified = Verification.payload(attestation, policy.opened(), payload);
            hashed.put(payload, identity);
            return verified;
        } catch (RefusedException e) {
            return null; // Damaged; what is downloaded takes its place.
        }
    }

    private Verification download(Attestation attestation, Policy policy) throws IOException, RefusedException {
        Path part = Files.createTempFile(folder, ".part-", "");
        try {
            String task = "get " + attestation.key().digest().toString().substring(0, 19);
            try (InputStream in = service.open(attestation);
                    OutputStream out = Files.newOutputStream(part);
                    Progress progress = Progress.start(
                            common.around(), task, attestation.payload().size())) {
                out.write(progress.counting(in).readNBytes(BUFFER));
                for (long size = BUFFER; size <= attestation.payload().size(); size += BUFFER) {
                    out.write(progress.counting(in).readNBytes(BUFFER));
                }
            }
            Verification verified = Verification.payload(attestation, policy.opened(), part);
            place(part, file(attestation));
            hashed.put(file(attestation), String.valueOf(identity(file(attestation))));
            return verified;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes a small file of the folder, whole or not at all. */
    void write(String name, byte[] bytes) throws IOException {
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

    private static @Nullable String identity(Path file) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                ? Files.readAttributes(file, "unix:dev,ino,size,ctime", LinkOption.NOFOLLOW_LINKS)
                        .toString()
                : null;
    }
}
