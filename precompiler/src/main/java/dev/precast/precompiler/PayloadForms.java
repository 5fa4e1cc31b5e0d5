package dev.precast.precompiler;

import com.github.luben.zstd.ZstdOutputStream;
import com.github.luben.zstd.util.Native;
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
     * Loads zstd's native code, which every payload needs, before anything is compiled in vain.
     *
     * @throws IOException if it cannot be loaded; says from where, and what to set
     */
    static void requireZstd() throws IOException {
        try {
            Native.load();
        } catch (LinkageError e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IOException(
                    "zstd's native code cannot be loaded: " + why + "; it is unpacked into the folder "
                            + System.getProperty("java.io.tmpdir")
                            + ", from which programs must be allowed to run (mounted without noexec): set"
                            + " -Djava.io.tmpdir to one like that",
                    e);
        }
    }

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
