package dev.precast.precompiler;

import com.github.luben.zstd.ZstdOutputStream;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
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
     * Compresses a payload.
     *
     * @param payload the supervisor's own copy
     * @param zst where the zstd form goes
     */
    static PayloadForms of(ChildFolder.TakenOut.Copied payload, Path zst, Optional<SizedDigest> index)
            throws IOException {
        Path file = payload.file();
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
}
