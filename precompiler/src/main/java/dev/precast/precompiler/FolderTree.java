package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Deletes a tree of files that a child made, whatever its depth, names, permissions and number of files. Does not
 * recurse: moves nested folders up to the top folder first, so that at most two folders are open and paths stay short.
 * Does not follow links.
 */
final class FolderTree {
    private final OpenFolder top;
    /** The first part of the names of moved folders; random, so that no child has used such a name. */
    private final String prefix = UUID.randomUUID() + "-";

    /** Number of deletions and moves so far. */
    private long done;

    private @Nullable IOException trouble;

    private FolderTree(OpenFolder top) {
        this.top = top;
    }

    /**
     * Deletes a file or a folder with everything inside. Does nothing if it does not exist.
     *
     * @throws IOException if something cannot be deleted; everything else inside is deleted
     */
    static void delete(Path path) throws IOException {
        if (OpenFolder.isFolder(path)) {
            try (OpenFolder top = OpenFolder.at(path)) {
                new FolderTree(top).empty();
            }
        }
        Files.deleteIfExists(path);
    }

    private void empty() throws IOException {
        top.unlock();
        long before;
        do {
            before = done;
            trouble = null;
            forEach(top.path(), this::delete);
        } while (done > before);
        if (trouble != null) {
            throw trouble;
        }
    }

    /** Deletes a file, or a folder after moving its folders up. */
    private void delete(Path entry, boolean folder) throws IOException {
        if (folder) {
            try (OpenFolder open = OpenFolder.at(entry)) {
                open.unlock();
                forEach(open.path(), this::flatten);
            }
        }
        if (Files.deleteIfExists(entry)) {
            done++;
        }
    }

    private void flatten(Path entry, boolean folder) throws IOException {
        if (folder) {
            try (OpenFolder open = OpenFolder.at(entry)) {
                open.unlock(); // Moving a folder changes its entry "..".
            }
            Files.move(entry, top.path().resolve(prefix + done), StandardCopyOption.ATOMIC_MOVE);
            done++;
        } else if (Files.deleteIfExists(entry)) {
            done++;
        }
    }

    /** Does something with each entry. An entry that fails does not stop the others. */
    private void forEach(Path folder, Action action) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                try {
                    action.run(entry, OpenFolder.isFolder(entry));
                } catch (IOException e) {
                    trouble = trouble == null ? e : trouble;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    @FunctionalInterface
    private interface Action {
        void run(Path entry, boolean folder) throws IOException;
    }
}
