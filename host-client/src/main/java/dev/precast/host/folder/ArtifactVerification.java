package dev.precast.host.folder;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FilePayload;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import dev.precast.load.EngineProvider.EntryCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The result of every check that does not load the artifact.
 *
 * @param attestation the verified attestation
 * @param entries how many entries of the bundle were verified now; 0 for formats without an index
 * @param classes how many entries are classes, all checked by the engine's load side; empty if that is not available
 */
public record ArtifactVerification(Attestation attestation, int entries, OptionalInt classes) {
    /** @throws RefusedException if a check fails; the exception names the first failed check */
    public static Attestation attestation(byte[] envelope, Digest key, TrustPolicy policy, InstantSource clock)
            throws RefusedException {
        return new AttestationVerifier(() -> policy, clock).verify(envelope, key, false);
    }

    /**
     * Verifies a payload as a whole.
     *
     * @throws RefusedException if a check fails; the exception names the first failed check
     */
    public static ArtifactVerification payload(
            Attestation attestation, TrustPolicy policy, Path file, EntryChecks checks)
            throws IOException, RefusedException {
        SizedDigest signed = attestation.payload();
        SizedDigest found;
        try (InputStream in = Files.newInputStream(file)) {
            found = new SizedDigest(Digest.of(in), Files.size(file));
        }
        if (!found.equals(signed)) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    file + ": expected " + signed.digest() + " of " + signed.size() + " bytes, found " + found.digest()
                            + " of " + found.size() + " bytes");
        }
        if (attestation.index().isEmpty()) {
            return new ArtifactVerification(attestation, 0, OptionalInt.empty());
        }
        Optional<EntryCheck> check = checks.of(attestation.lane().engine(), policy.extraMembers());
        try (FilePayload payload = new FilePayload(file)) {
            SizedDigest signedIndex = attestation.index().get();
            return bundle(
                    attestation,
                    new BundleReader(payload, BundleIndex.read(payload, signedIndex.size(), signedIndex.digest())),
                    check);
        } catch (BundleException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }

    private static ArtifactVerification bundle(Attestation attestation, BundleReader reader, Optional<EntryCheck> check)
            throws IOException, RefusedException {
        int classes = 0;
        for (BundleEntry entry : reader.index().entries().values()) {
            byte[] bytes;
            try {
                bytes = reader.read(entry);
            } catch (BundleException e) {
                throw new RefusedException(Check.ENTRY, e.getMessage());
            }
            if (check.isPresent() && check.get().verify(entry.name(), bytes)) {
                classes++;
            }
        }
        return new ArtifactVerification(
                attestation,
                reader.index().entries().size(),
                check.isPresent() ? OptionalInt.of(classes) : OptionalInt.empty());
    }
}
