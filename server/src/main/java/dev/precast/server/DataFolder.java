package dev.precast.server;

import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The data folder. Only one server can use it at a time; a second one does not start. */
final class DataFolder implements AutoCloseable {
    private final Path root;
    private final FileChannel lockFile;

    private DataFolder(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * @throws io.quarkus.runtime.configuration.ConfigurationException if the folder cannot be created, or another
     *     process uses it
     */
    static DataFolder open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            FileChannel lockFile =
                    FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(lockFile) == null) {
                lockFile.close();
                throw Refusal.because("data folder " + root + ": used by another server; stop that server, or set "
                        + "precast.data to another folder");
            }
            Files.deleteIfExists(LocalToken.file(root));
            return new DataFolder(root, lockFile);
        } catch (IOException e) {
            throw Refusal.because(
                    "data folder " + root + ": cannot be used: " + e + "; set precast.data to another folder");
        }
    }

    private static @Nullable FileLock lock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** The absolute path of the folder. */
    Path root() {
        return root;
    }

    Path modules() {
        return root.resolve("modules");
    }

    Path payloads() {
        return root.resolve("payloads");
    }

    Path documents() {
        return root.resolve("documents");
    }

    Path trust() {
        return root.resolve("trust");
    }

    Path keys() {
        return root.resolve("keys");
    }

    /** The folder for temporary files of uploads to a bucket. */
    Path spool() {
        return root.resolve("spool");
    }

    /** What an edge keeps. */
    Path edge() {
        return root.resolve("edge");
    }

    Path work() {
        return root.resolve("work");
    }

    /** The file of the local token, which a start and {@link #close} delete. */
    Path localToken() {
        return LocalToken.file(root);
    }

    @Override
    public void close() throws IOException {
        try (lockFile) {
            Files.deleteIfExists(localToken());
        }
    }
}
