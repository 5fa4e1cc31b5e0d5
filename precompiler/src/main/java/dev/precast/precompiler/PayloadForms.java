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
 * The stored forms of a payload.
 *
 * @param raw digest and size of the form that hosts load
 * @param compressedFile the zstd form
 * @param compressed digest and size of the zstd form
 * @param index digest and size of a bundle's header and index
 */
record PayloadForms(SizedDigest raw, Path compressedFile, SizedDigest compressed, Optional<SizedDigest> index) {
    /** Chosen by measurements: see {@code docs/explanation/precompiler.md}. */
    private static final int ZSTD_LEVEL = 3;

    /**
     * Loads zstd's native code, which every payload needs, so that a missing library is detected before a compilation.
     *
     * @throws IOException if the native code cannot be loaded; the message says what to do
     */
    static void requireZstd() throws IOException {
        try {
            Native.load();
        } catch (LinkageError e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IOException(
                    "zstd: cannot load the native library from " + System.getProperty("java.io.tmpdir") + ": " + why
                            + "; set -Djava.io.tmpdir to a folder that is not mounted with noexec",
                    e);
        }
    }

    /**
     * Compresses a payload with zstd.
     *
     * @param payload the supervisor's own copy
     * @param zst path of the zstd form
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
