package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A folder made for one child, 0700, where it runs and leaves its output. Closing it removes it. */
final class ChildFolder implements AutoCloseable {
    private static final String PREFIX = "job-";

    private final Path folder;

    private ChildFolder(Path folder) {
        this.folder = folder;
    }

    /** @param parent exists */
    static ChildFolder in(Path parent) throws IOException {
        boolean posix = parent.getFileSystem().supportedFileAttributeViews().contains("posix");
        return new ChildFolder(
                posix
                        ? Files.createTempDirectory(
                                parent,
                                PREFIX,
                                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))
                        : Files.createTempDirectory(parent, PREFIX));
    }

    /**
     * Removes every folder in {@code parent}, of whoever was the only worker there before. Process ids would not tell: in a
     * container each worker has the same.
     */
    static void removeLeftOvers(Path parent) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent)) {
            for (Path folder : found) {
                deleteAll(folder);
            }
        }
    }

    Path path() {
        return folder;
    }

    /** Writes a file while hashing it. */
    Digest write(String name, InputStream content) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        try (OutputStream out = Files.newOutputStream(folder.resolve(name), StandardOpenOption.CREATE_NEW)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                sha256.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
        return Digest.finish(sha256);
    }

    /** Size of all files in it, in bytes. */
    long size() throws IOException {
        long[] size = {0};
        Files.walkFileTree(folder, new Lenient() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                size[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return size[0];
    }

    /**
     * Takes a file out of the child's reach: moved under {@code to}, then copied while it is hashed, so that nobody
     * who still has it open can change what is hashed. No link is followed.
     *
     * @param to where the copy goes; in a folder of the supervisor's own, on the same file system
     * @param maxBytes how large it may be
     */
    TakenOut takeOut(String name, Path to, long maxBytes) throws IOException {
        Path theirs = folder.resolve(name);
        Path mine = to.resolveSibling(to.getFileName() + ".theirs");
        if (!Files.exists(theirs, LinkOption.NOFOLLOW_LINKS)) {
            return new TakenOut.Unusable("there is no output");
        }
        if (Files.isDirectory(theirs, LinkOption.NOFOLLOW_LINKS)) {
            // One that is shut cannot be moved.
            return new TakenOut.Unusable("the output is no regular file");
        }
        Files.move(theirs, mine);
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(mine, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                return new TakenOut.Unusable("the output is no regular file");
            }
            if (mine.getFileSystem().supportedFileAttributeViews().contains("unix")
                    && (Integer) Files.getAttribute(mine, "unix:nlink", LinkOption.NOFOLLOW_LINKS) != 1) {
                return new TakenOut.Unusable("the output has more than one name");
            }
            return copy(mine, to, maxBytes);
        } finally {
            deleteAll(mine);
        }
    }

    private static TakenOut copy(Path from, Path to, long maxBytes) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        long size = 0;
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (in.read(buffer) >= 0) {
                buffer.flip();
                size += buffer.remaining();
                if (size > maxBytes) {
                    return new TakenOut.TooLarge(maxBytes);
                }
                sha256.update(buffer.duplicate());
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                buffer.clear();
            }
        }
        return new TakenOut.Copied(to, Digest.finish(sha256), size);
    }

    @Override
    public void close() throws IOException {
        deleteAll(folder);
    }

    static void deleteAll(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        openFolder(path);
        Files.walkFileTree(path, new Lenient() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                // Those inside: this one was opened before it could be visited.
                try (DirectoryStream<Path> inside = Files.newDirectoryStream(directory)) {
                    inside.forEach(ChildFolder::openFolder);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** A child may have shut its folders; they are ours. */
    private static void openFolder(Path path) {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            File folder = path.toFile();
            // What this could not open is named when it is deleted.
            boolean ignored = folder.setExecutable(true) & folder.setReadable(true) & folder.setWritable(true);
        }
    }

    /** Goes on where a file went away meanwhile. */
    private abstract static class Lenient extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            return FileVisitResult.CONTINUE;
        }
    }

    /** What came of {@link #takeOut}. */
    sealed interface TakenOut {
        /** The copy, which is no child's. */
        record Copied(Path file, Digest digest, long size) implements TakenOut {}

        /** More than {@code maxBytes}. */
        record TooLarge(long maxBytes) implements TakenOut {}

        /** Not there, or no plain file with one name. */
        record Unusable(String why) implements TakenOut {}
    }
}
