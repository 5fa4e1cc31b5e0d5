package dev.precast.precompiler;

import com.github.luben.zstd.ZstdOutputStream;
import dev.precast.artifact.Digest;
import dev.precast.artifact.FilePayload;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A payload in the forms that are stored.
 *
 * @param raw digest and size as hosts load it
 * @param compressedFile the zstd form
 * @param compressed its digest and size
 * @param index digest and size of a bundle's header and index
 */
record PayloadForms(SizedDigest raw, Path compressedFile, SizedDigest compressed, Optional<SizedDigest> index) {
    /** Measured on real bundles: see the precompiler's design page. */
    private static final int ZSTD_LEVEL = 3;

    /**
     * Checks a payload as far as the supervisor can, and compresses it.
     *
     * @param payload the supervisor's own copy
     * @param zst where the zstd form goes
     * @throws BundleException if it should be a bundle and is none
     */
    static PayloadForms of(ChildFolder.TakenOut.Copied payload, Path zst, String format)
            throws IOException, BundleException {
        Path file = payload.file();
        Optional<SizedDigest> index =
                format.equals(EnginePack.JVM_BUNDLE) ? Optional.of(checkBundle(file)) : Optional.empty();
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zst), ZSTD_LEVEL)) {
            Files.copy(file, out);
        }
        try (InputStream in = Files.newInputStream(zst)) {
            return new PayloadForms(
                    new SizedDigest(payload.digest(), payload.size()),
                    zst,
                    new SizedDigest(Digest.of(in), Files.size(zst)),
                    index);
        }
    }

    /** Every entry too: what hosts would refuse is a failure here and not there. */
    private static SizedDigest checkBundle(Path file) throws IOException, BundleException {
        try (FilePayload payload = new FilePayload(file)) {
            if (payload.size() < BundleIndex.HEADER_BYTES) {
                throw new BundleException("bundle: only " + payload.size() + " bytes");
            }
            int prefixBytes = BundleIndex.prefixBytes(payload.read(0, BundleIndex.HEADER_BYTES));
            if (prefixBytes > payload.size()) {
                throw new BundleException("bundle: index ends at " + prefixBytes + " of " + payload.size() + " bytes");
            }
            byte[] prefix = payload.read(0, prefixBytes);
            BundleIndex index = BundleIndex.parse(prefix, payload.size());
            BundleReader reader = new BundleReader(payload, index);
            for (BundleEntry entry : index.entries().values()) {
                reader.read(entry);
            }
            return new SizedDigest(Digest.of(prefix), prefixBytes);
        }
    }
}
