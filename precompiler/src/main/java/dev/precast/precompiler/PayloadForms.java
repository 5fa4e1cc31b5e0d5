package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.ZstdForm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The stored forms of a payload.
 *
 * @param raw digest and size of the form that hosts load
 * @param compressedFile the zstd form
 * @param compressed digest and size of the zstd form
 * @param index digest and size of a bundle's header and index
 */
record PayloadForms(SizedDigest raw, Path compressedFile, SizedDigest compressed, Optional<SizedDigest> index) {
    /**
     * Compresses a payload with zstd.
     *
     * @param payload the supervisor's own copy
     * @param zst path of the zstd form
     */
    static PayloadForms of(ChildFolder.TakenOut.Copied payload, Path zst, Optional<SizedDigest> index)
            throws IOException {
        Path file = payload.file();
        try (OutputStream out = ZstdForm.encoder(Files.newOutputStream(zst))) {
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
