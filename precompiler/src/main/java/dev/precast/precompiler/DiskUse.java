package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * Measures what a child uses of the disk: all files and folders in its folder, also those in folders that it made
 * unreadable, and files without a name that it still has open or mapped. Each file counts at least 4 KiB, and the
 * number of files and the depth of folders are limited too. Not thread safe.
 */
final class DiskUse {
    private static final int MOST_FILES = 10_000;
    private static final int MOST_DEPTH = 64;
    private static final long LEAST_BYTES = 4096;

    private final Path folder;
    private final int outputMb;
    private final long maxBytes;
    private final DeletedFiles deleted;

    /**
     * @param folder the child's folder; what is in it now does not count
     * @param outputMb maximum of what the child adds, in MiB
     */
    DiskUse(Path folder, int outputMb) throws IOException {
        this.folder = folder;
        this.outputMb = outputMb;
        this.maxBytes = measure().bytes + ((long) outputMb << 20);
        this.deleted = new DeletedFiles(folder);
    }

    /**
     * The exceeded limit, for people; empty if none.
     *
     * @param living the running processes of the child
     * @throws SupervisorTroubleException if this process cannot measure at the moment
     */
    Optional<String> exceeded(List<ProcessTable.Row> living) throws SupervisorTroubleException {
        try {
            Walk walk = measure();
            if (walk.files > MOST_FILES) {
                return Optional.of("more than " + MOST_FILES + " files");
            }
            if (walk.depth > MOST_DEPTH) {
                return Optional.of("folders more than " + MOST_DEPTH + " deep");
            }
            DeletedFiles.Found found = deleted.of(living);
            return found.refused().isPresent() || walk.bytes + found.bytes() <= maxBytes
                    ? found.refused()
                    : Optional.of("more than " + outputMb + " MiB of output");
        } catch (IOException e) {
            throw new SupervisorTroubleException("work folder: cannot be measured: " + e, e);
        }
    }

    private Walk measure() throws IOException {
        Walk walk = new Walk();
        walk.in(folder, 1);
        return walk;
    }

    /** One measurement. Ends early when the number of files or the depth is exceeded. */
    private static final class Walk {
        private long bytes;
        private int files;
        private int depth;

        void in(Path folder, int level) throws IOException {
            depth = Math.max(depth, level);
            try (OpenFolder open = OpenFolder.at(folder);
                    DirectoryStream<Path> entries = entries(open)) {
                for (Path entry : entries) {
                    if (isOver()) {
                        return;
                    }
                    add(open, entry, level);
                }
            } catch (IOException | DirectoryIteratorException e) {
                if (OpenFolder.isFolder(folder)) {
                    throw e;
                }
                // The child removed or replaced the folder at this moment.
            }
        }

        private boolean isOver() {
            return files > MOST_FILES || depth > MOST_DEPTH;
        }

        private void add(OpenFolder parent, Path entry, int level) throws IOException {
            Optional<BasicFileAttributes> attributes = attributes(parent, entry);
            if (attributes.isPresent()) {
                files++;
                bytes += Math.max(attributes.get().size(), LEAST_BYTES);
                if (attributes.get().isDirectory()) {
                    in(entry, level + 1);
                }
            }
        }

        private static DirectoryStream<Path> entries(OpenFolder open) throws IOException {
            try {
                return Files.newDirectoryStream(open.path());
            } catch (AccessDeniedException e) {
                open.unlock();
                return Files.newDirectoryStream(open.path());
            }
        }

        private static Optional<BasicFileAttributes> attributes(OpenFolder parent, Path entry) throws IOException {
            try {
                return Optional.of(attributes(entry));
            } catch (AccessDeniedException e) {
                parent.unlock();
                return Optional.of(attributes(entry));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        private static BasicFileAttributes attributes(Path entry) throws IOException {
            return Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
