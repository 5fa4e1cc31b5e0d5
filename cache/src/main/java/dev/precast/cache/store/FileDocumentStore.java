package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Documents as files in a folder, which several processes may share. Creates documents by a hard link, which fails if
 * the document exists; holds a lock on the folder while it replaces or deletes a document.
 */
public final class FileDocumentStore implements DocumentStore, DocumentListing {
    /** One monitor for each folder: file locks exclude other processes, but not other stores in this process. */
    private static final Map<Path, Object> MONITORS = new ConcurrentHashMap<>();

    private final Path folder;
    private final DurableFiles files;
    private final Path lockFile;
    private final Object monitor;

    /** @param folder created if missing; temporary files that a crash left are removed if they are over an hour old */
    public FileDocumentStore(Path folder) {
        this.folder = folder;
        this.files = new DurableFiles(folder.resolve(".tmp"));
        this.lockFile = folder.resolve(".lock");
        try {
            this.monitor = MONITORS.computeIfAbsent(folder.toRealPath(), real -> new Object());
        } catch (IOException e) {
            throw new StoreException("folder " + folder + ": cannot be used: " + FileErrors.text(e), false, e);
        }
    }

    @Override
    public Optional<Document> find(String name) {
        Path place = place(name);
        try {
            byte[] bytes = Files.readAllBytes(place);
            return Optional.of(new Document(bytes, Digest.of(bytes).hex()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("reading", name, e);
        }
    }

    @Override
    public Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
        Path place = place(name);
        DocumentNames.checkSize(name, bytes);
        try (DurableFiles.Temporary temporary = files.create()) {
            DurableFiles.write(temporary.channel(), ByteBuffer.wrap(bytes));
            if (ifVersion == null) {
                temporary.linkTo(place);
            } else if (!whileLocked(name, ifVersion, () -> temporary.moveTo(place))) {
                return Optional.empty();
            }
            return Optional.of(Digest.of(bytes).hex());
        } catch (FileAlreadyExistsException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("writing", name, e);
        }
    }

    @Override
    public boolean delete(String name, String ifVersion) {
        try {
            return whileLocked(name, ifVersion, () -> Files.delete(place(name)));
        } catch (IOException e) {
            throw failed("deleting", name, e);
        }
    }

    @Override
    public List<String> names(String folder, @Nullable String after, int max) {
        DocumentNames.checkedFolder(folder);
        DocumentNames.checkedPage(max);
        try {
            List<String> names = new ArrayList<>();
            collect(folder, after, max, names);
            return List.copyOf(names);
        } catch (IOException e) {
            throw failed("listing", folder, e);
        }
    }

    private void collect(String outer, @Nullable String after, int max, List<String> names) throws IOException {
        for (String child : children(outer)) {
            if (names.size() == max) {
                return;
            }
            String path = outer + child;
            if (path.endsWith("/")) {
                // If a folder sorts before the name and does not contain it, all names in the folder sort before it.
                if (after == null || path.compareTo(after) > 0 || after.startsWith(path)) {
                    collect(path, after, max, names);
                }
            } else if (after == null || path.compareTo(after) > 0) {
                names.add(path);
            }
        }
    }

    /**
     * The children, sorted. Folders end with a slash, which is part of the order. Skips the store's own files, which
     * begin with a dot.
     */
    private List<String> children(String outer) throws IOException {
        List<String> children = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder.resolve(outer), "[!.]*")) {
            for (Path child : found) {
                children.add(child.getFileName() + (Files.isDirectory(child) ? "/" : ""));
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        children.sort(null);
        return children;
    }

    private boolean whileLocked(String name, String ifVersion, Change change) throws IOException {
        synchronized (monitor) {
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                boolean holds = held.isValid()
                        && (ifVersion.equals(ANY)
                                || find(name)
                                        .filter(d -> d.version().equals(ifVersion))
                                        .isPresent());
                if (holds) {
                    change.run();
                }
                return holds;
            }
        }
    }

    private Path place(String name) {
        return folder.resolve(DocumentNames.checked(name));
    }

    private StoreException failed(String doing, String name, IOException e) {
        return StoreFullException.of(doing + " " + name + " in " + folder + ": " + FileErrors.text(e), e);
    }

    private interface Change {
        void run() throws IOException;
    }
}
