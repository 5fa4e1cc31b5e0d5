package dev.precast.server;

import dev.precast.attestation.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Reads and writes key files, atomically. Only the owner may read a secret file. */
final class KeyFiles {
    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private KeyFiles() {}

    /**
     * The text of a secret file; empty if the file does not exist.
     *
     * @throws io.quarkus.runtime.configuration.ConfigurationException if other users can access the file or it cannot
     *     be read
     */
    static Optional<String> readSecret(Path file) {
        try {
            if (posix(file) && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                throw Refusal.because("key file " + file + ": is readable by other users; run chmod 600 and "
                        + "consider rotating the key");
            }
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw Refusal.because("key file " + file + ": cannot be read: " + e);
        }
    }

    /**
     * The key in a secret file; empty if the file does not exist.
     *
     * @throws io.quarkus.runtime.configuration.ConfigurationException if other users can access the file, or it
     *     contains no key
     */
    static Optional<SigningKey> readKey(Path file) {
        return Refusal.ifInvalid(file.toString(), () -> readSecret(file).map(SigningKey::parse));
    }

    /** Writes a file that only its owner may read; replaces an existing file. */
    static void writeSecret(Path file, String text) {
        write(file, text, "rw-------");
    }

    /** Writes a file that everybody may read; replaces an existing file. */
    static void writePublic(Path file, String text) {
        write(file, text, "rw-r--r--");
    }

    private static void write(Path file, String text, String mode) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.resolveSibling("."));
            Files.deleteIfExists(fresh);
            try (FileChannel out = FileChannel.open(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes(file, mode))) {
                ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }

    private static FileAttribute<?>[] attributes(Path file, String mode) {
        return posix(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    private static boolean posix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
