package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Content in a folder: {@code <first two digits>/<digest>}. Files are written under a temporary name, flushed to the
 * disk, then linked to their place.
 */
public final class FileContentStore implements ContentStore, ContentListing {
    private final Path folder;
    private final DurableFiles files;

    /** @param folder created if missing; temporary files that a crash left are removed if they are over an hour old */
    public FileContentStore(Path folder) {
        this.folder = folder;
        this.files = new DurableFiles(folder.resolve("tmp"));
    }

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        Source source = new Source(in);
        try (DurableFiles.Temporary temporary = files.create()) {
            MessageDigest sha256 = Digest.sha256();
            long size = 0;
            for (ByteBuffer piece = source.next(); piece.hasRemaining(); piece = source.next()) {
                size += piece.remaining();
                if (size > maxBytes) {
                    return new Put.TooLarge(maxBytes);
                }
                sha256.update(piece.duplicate());
                DurableFiles.write(temporary.channel(), piece);
            }
            Digest found = Digest.finish(sha256);
            if (expected != null && !expected.equals(found)) {
                return new Put.WrongDigest(found);
            }
            return new Put.Stored(found, size, keep(temporary, found, ifStored));
        } catch (IOException e) {
            if (source.failed) {
                throw e;
            }
            throw StoreFullException.of("writing content in " + folder + ": " + FileErrors.text(e), e);
        }
    }

    /** Stores the temporary file, unless a file with the same bytes is there and shall be kept. */
    private Before keep(DurableFiles.Temporary temporary, Digest digest, IfStored ifStored) throws IOException {
        Path place = place(digest);
        Before before = before(place, digest);
        if (before == Before.DAMAGED || (before == Before.PRESENT && ifStored == IfStored.REPLACE)) {
            temporary.moveTo(place);
            return before;
        }
        if (before == Before.PRESENT && renewed(place, temporary.writtenAt())) {
            return before;
        }
        try {
            temporary.linkTo(place);
            return Before.ABSENT;
        } catch (FileAlreadyExistsException e) {
            return Before.PRESENT; // Another put stored the same bytes a moment ago.
        }
    }

    /** Hashes the file. Disks report rot as an input/output error, so a file that cannot be read is damaged too. */
    private static Before before(Path place, Digest digest) {
        try (InputStream in = Files.newInputStream(place)) {
            return Digest.of(in).equals(digest) ? Before.PRESENT : Before.DAMAGED;
        } catch (NoSuchFileException e) {
            return Before.ABSENT;
        } catch (IOException e) {
            return Before.DAMAGED;
        }
    }

    /** Sets the put time of an existing file; false if the file is gone. */
    private static boolean renewed(Path place, FileTime putAt) throws IOException {
        try {
            Files.setLastModifiedTime(place, putAt);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        Path place = place(digest);
        try {
            return Optional.of(new FileBlob(place, Files.size(place)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("reading " + digest + " in " + folder + ": " + FileErrors.text(e), true, e);
        }
    }

    @Override
    public boolean delete(Digest digest) {
        try {
            return Files.deleteIfExists(place(digest));
        } catch (IOException e) {
            throw new StoreException("deleting " + digest + " in " + folder + ": " + FileErrors.text(e), true, e);
        }
    }

    @Override
    public List<Entry> contents(@Nullable Digest after, int max) {
        DocumentNames.checkedPage(max);
        List<Entry> entries = new ArrayList<>();
        try {
            for (String part : children(folder, "[0-9a-f][0-9a-f]")) {
                if (after != null && part.compareTo(after.hex().substring(0, 2)) < 0) {
                    continue;
                }
                for (String hex : children(folder.resolve(part), "[0-9a-f]*")) {
                    if (after != null && hex.compareTo(after.hex()) <= 0) {
                        continue;
                    }
                    if (entries.size() == max) {
                        return List.copyOf(entries);
                    }
                    entry(new Digest(hex)).ifPresent(entries::add);
                }
            }
            return List.copyOf(entries);
        } catch (IOException e) {
            throw new StoreException("listing " + folder + ": " + FileErrors.text(e), true, e);
        }
    }

    /** The names of the children that match, sorted. */
    private static List<String> children(Path folder, String glob) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
            for (Path child : found) {
                names.add(String.valueOf(child.getFileName()));
            }
        }
        names.sort(null);
        return names;
    }

    private Optional<Entry> entry(Digest digest) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(place(digest), BasicFileAttributes.class);
            return Optional.of(
                    new Entry(digest, file.size(), file.lastModifiedTime().toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // Deleted by another thread or process.
        }
    }

    /** Total size of all contents in bytes, without temporary files. Reads the size of each file. */
    public long usedBytes() {
        long bytes = 0;
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "[0-9a-f][0-9a-f]")) {
            for (Path part : parts) {
                try (DirectoryStream<Path> contents = Files.newDirectoryStream(part)) {
                    for (Path content : contents) {
                        bytes += Files.size(content);
                    }
                }
            }
            return bytes;
        } catch (IOException e) {
            throw new StoreException("listing " + folder + ": " + FileErrors.text(e), true, e);
        }
    }

    private Path place(Digest digest) {
        return folder.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    /** The input of a put. Distinguishes failures of the input from failures of the disk. */
    private static final class Source {
        private final InputStream in;
        private final byte[] buffer = new byte[1 << 16];
        private boolean failed;

        Source(InputStream in) {
            this.in = in;
        }

        /** The next bytes; empty at the end. */
        ByteBuffer next() throws IOException {
            failed = true;
            int n = in.read(buffer);
            failed = false;
            return ByteBuffer.wrap(buffer, 0, Math.max(0, n));
        }
    }

    private record FileBlob(Path file, long size) implements Blob {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
