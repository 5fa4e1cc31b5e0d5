package dev.precast.precompiler;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Deletes files of children, and sets aside what cannot be deleted, so that it stops neither a compilation nor the
 * start of a worker. Thread safe.
 */
final class LeftOvers {
    private static final System.Logger LOG = System.getLogger(LeftOvers.class.getName());
    private static final String FOLDER = "aside";

    private final Path aside;
    private final Deletion deletion;

    /**
     * @param aside the folder for what cannot be deleted, created when it is needed; on the same file system as the
     *     deleted folders
     */
    LeftOvers(Path aside, Deletion deletion) {
        this.aside = aside;
        this.deletion = deletion;
    }

    /** @param parent the folder of children's folders; the folder for what cannot be deleted is its sibling */
    static LeftOvers of(Path parent) {
        return new LeftOvers(parent.resolveSibling(FOLDER), FolderTree::delete);
    }

    /** Deletes a file or folder, or sets it aside. Never throws. */
    void delete(Path path) {
        try {
            deletion.delete(path);
        } catch (IOException e) {
            setAside(path, e.toString());
        }
    }

    private void setAside(Path path, String why) {
        Path target = aside.resolve(UUID.randomUUID().toString());
        String where;
        try {
            Files.createDirectories(aside);
            Files.move(path, target);
            where = "moved to " + target;
        } catch (IOException e) {
            where = "not moved to " + target + " either (" + e + ")";
        }
        LOG.log(
                Level.WARNING,
                "folder " + path + ": cannot be deleted (" + why + "); " + where
                        + "; the worker tries again every hour and when it starts");
    }

    /**
     * Deletes everything inside {@code parent}, which an earlier worker left; only one worker may use {@code parent}.
     * Does not look at process ids, because workers in containers have equal ids.
     *
     * @throws IOException if {@code parent} cannot be read
     */
    void deleteAllIn(Path parent) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent)) {
            found.forEach(this::delete);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Tries again to delete what was set aside. Never throws. */
    void retry() {
        if (!Files.isDirectory(aside)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(aside)) {
            for (Path path : found) {
                retry(path);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.WARNING, "folder " + aside + ": cannot be read: " + e.getMessage());
        }
    }

    private void retry(Path path) {
        try {
            deletion.delete(path);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "folder " + path + ": still cannot be deleted (" + e + "); delete it by hand");
        }
    }

    /** Deletes a file, or a folder with everything inside. */
    @FunctionalInterface
    interface Deletion {
        void delete(Path path) throws IOException;
    }
}
