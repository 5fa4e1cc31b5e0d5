package dev.precast.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all, also after a power cut: write a temporary, flush it, move it, flush the
 * folder. Temporaries live in one folder, on the file system of the targets.
 */
final class DurableFiles {
    private final Path temporaries;

    DurableFiles(Path temporaries) {
        this.temporaries = temporaries;
        try {
            Files.createDirectories(temporaries);
            removeLeftOvers();
        } catch (IOException e) {
            throw new StoreException("folder " + temporaries + ": " + e.getMessage(), false, e);
        }
    }

    /** Only those of processes that are gone; a name starts with the process id. */
    private void removeLeftOvers() throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(temporaries)) {
            for (Path file : found) {
                String name = String.valueOf(file.getFileName());
                int dash = name.indexOf('-');
                boolean ours = dash > 0 && name.substring(0, dash).chars().allMatch(Character::isDigit);
                if (ours
                        && ProcessHandle.of(Long.parseLong(name.substring(0, dash)))
                                .isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    Temporary create() throws IOException {
        Path file = Files.createTempFile(temporaries, ProcessHandle.current().pid() + "-", ".part");
        return new Temporary(file, FileChannel.open(file, StandardOpenOption.WRITE));
    }

    static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    static void flushFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A file being written; closing it removes it unless it was moved or linked to its place. */
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

        /** Replaces what stands at {@code place}. */
        void moveTo(Path place) throws IOException {
            Path folder = flushed(place);
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            flushFolder(folder);
        }

        /** @throws java.nio.file.FileAlreadyExistsException if something stands at {@code place} */
        void linkTo(Path place) throws IOException {
            Path folder = flushed(place);
            Files.createLink(place, file);
            flushFolder(folder);
        }

        private Path flushed(Path place) throws IOException {
            channel.force(true);
            Path folder = place.toAbsolutePath().getParent();
            if (folder == null) {
                throw new IOException(place + " has no folder");
            }
            Files.createDirectories(folder);
            return folder;
        }

        @Override
        public void close() {
            try {
                channel.close();
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException("temporary " + file, e);
            }
        }
    }
}
