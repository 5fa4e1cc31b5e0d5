package dev.precast.cache.store;

import dev.precast.artifact.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/**
 * Writes files atomically and durably, even across a power failure: writes a temporary file, flushes it, moves it, and
 * flushes the folder. All temporary files are in one folder on the file system of the targets.
 */
final class DurableFiles {
    /** A temporary file that was not written for this time belongs to a dead process. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path temporaries;

    DurableFiles(Path temporaries) {
        this.temporaries = temporaries;
        try {
            createFolders(temporaries);
            removeAbandoned();
        } catch (IOException e) {
            throw new StoreException("folder " + temporaries + ": cannot be used: " + FileErrors.text(e), false, e);
        }
    }

    /**
     * Removes temporary files by their age, on the file system's clock. Process ids would not tell which files are
     * abandoned, because containers that share a folder may use the same ids.
     */
    private void removeAbandoned() throws IOException {
        Instant now;
        try (Temporary probe = create()) {
            now = Files.getLastModifiedTime(probe.file).toInstant();
        }
        FileTime oldest = FileTime.from(now.minus(ABANDONED));
        try (DirectoryStream<Path> found = Files.newDirectoryStream(temporaries, "*.part")) {
            for (Path file : found) {
                try {
                    if (Files.getLastModifiedTime(file).compareTo(oldest) < 0) {
                        Files.deleteIfExists(file);
                    }
                } catch (NoSuchFileException e) {
                    continue; // Another process removed it.
                }
            }
        }
    }

    Temporary create() throws IOException {
        Path file = Files.createTempFile(temporaries, "", ".part");
        return new Temporary(file, FileChannel.open(file, StandardOpenOption.WRITE));
    }

    static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Creates folders and flushes their parents; without the flush, a power failure may remove a new folder. */
    private static void createFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path outer = folder.toAbsolutePath().getParent();
        if (outer != null) {
            createFolders(outer);
        }
        Files.createDirectories(folder);
        if (outer != null) {
            flushFolder(outer);
        }
    }

    private static void flushFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A temporary file that is being written. {@link #close} deletes it unless it was moved. */
    static final class Temporary implements AutoCloseable {
        private final Path file;
        private final FileChannel channel;

        Temporary(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        FileChannel channel() {
            return channel;
        }

        /** The time of the last write, on the file system's clock. */
        FileTime writtenAt() throws IOException {
            return Files.getLastModifiedTime(file);
        }

        /** Moves the file to {@code place} and replaces a file there. */
        void moveTo(Path place) throws IOException {
            Path folder = flushed(place);
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            flushFolder(folder);
        }

        /** @throws java.nio.file.FileAlreadyExistsException if {@code place} exists */
        void linkTo(Path place) throws IOException {
            Path folder = flushed(place);
            Files.createLink(place, file);
            flushFolder(folder);
        }

        private Path flushed(Path place) throws IOException {
            channel.force(true);
            Path folder = place.toAbsolutePath().getParent();
            if (folder == null) {
                throw new IOException(place + ": path without a parent folder");
            }
            createFolders(folder);
            return folder;
        }

        @Override
        public void close() throws IOException {
            try (FileChannel closed = channel) {
                Files.deleteIfExists(file);
            }
        }
    }
}
