package dev.precast.precompiler;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;

/** The working folder of one child, with mode 0700. {@link #close} deletes it, or moves it aside if that fails. */
final class ChildFolder implements AutoCloseable {
    private static final String PREFIX = "job-";

    private final Path parent;
    private final Path folder;

    private ChildFolder(Path parent, Path folder) {
        this.parent = parent;
        this.folder = folder;
    }

    /**
     * Creates a folder.
     *
     * @param parent an existing folder
     * @throws SupervisorTroubleException if it cannot be created
     */
    static ChildFolder in(Path parent) throws SupervisorTroubleException {
        boolean posix = parent.getFileSystem().supportedFileAttributeViews().contains("posix");
        try {
            return new ChildFolder(
                    parent,
                    posix
                            ? Files.createTempDirectory(
                                    parent,
                                    PREFIX,
                                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))
                            : Files.createTempDirectory(parent, PREFIX));
        } catch (IOException e) {
            throw new SupervisorTroubleException("work folder " + parent + ": a folder cannot be created: " + e, e);
        }
    }

    Path path() {
        return folder;
    }

    /**
     * Writes a file and returns its digest.
     *
     * @throws SupervisorTroubleException if the file cannot be written
     * @throws IOException if {@code content} cannot be read
     */
    Digest write(String name, InputStream content) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        try (FileChannel out = create(folder.resolve(name))) {
            byte[] buffer = new byte[1 << 16];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                sha256.update(buffer, 0, n);
                write(out, ByteBuffer.wrap(buffer, 0, n));
            }
        }
        return Digest.finish(sha256);
    }

    /** Writes the configuration that the placeholder {@code {config}} names. Errors as in {@link #write}. */
    void writeConfig(CompileConfig config) throws IOException {
        write(PackCommand.CONFIG, new ByteArrayInputStream(config.canonical().getBytes(StandardCharsets.UTF_8)));
    }

    private static FileChannel create(Path file) throws SupervisorTroubleException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new SupervisorTroubleException("work folder: " + file + " cannot be created: " + e, e);
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws SupervisorTroubleException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new SupervisorTroubleException("work folder: cannot be written: " + e, e);
        }
    }

    /**
     * Takes a file out of the child's reach. Moves it, then copies it to {@code to} and hashes the copied bytes, so
     * that a process with the file open cannot change the result. Does not follow links.
     *
     * @param to path of the copy, in a private folder of the supervisor on the same file system
     * @param maxBytes maximum size in bytes
     */
    TakenOut takeOut(String name, Path to, long maxBytes) throws IOException {
        Path theirs = folder.resolve(name);
        Path mine = to.resolveSibling(to.getFileName() + ".theirs");
        if (!Files.exists(theirs, LinkOption.NOFOLLOW_LINKS)) {
            return new TakenOut.Unusable("output: file not found");
        }
        if (Files.isDirectory(theirs, LinkOption.NOFOLLOW_LINKS)) {
            // A folder without permissions cannot be moved.
            return new TakenOut.Unusable("output: not a regular file");
        }
        Files.move(theirs, mine);
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(mine, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                return new TakenOut.Unusable("output: not a regular file");
            }
            if (mine.getFileSystem().supportedFileAttributeViews().contains("unix")
                    && (Integer) Files.getAttribute(mine, "unix:nlink", LinkOption.NOFOLLOW_LINKS) != 1) {
                return new TakenOut.Unusable("output: has more than one hard link");
            }
            if (!Files.isReadable(mine)) {
                return new TakenOut.Unusable("output: cannot be read");
            }
            return copy(mine, to, maxBytes);
        } finally {
            LeftOvers.of(parent).delete(mine);
        }
    }

    private static TakenOut copy(Path from, Path to, long maxBytes) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        long size = 0;
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = create(to)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (in.read(buffer) >= 0) {
                buffer.flip();
                size += buffer.remaining();
                if (size > maxBytes) {
                    return new TakenOut.TooLarge(maxBytes);
                }
                sha256.update(buffer.duplicate());
                write(out, buffer);
                buffer.clear();
            }
        }
        return new TakenOut.Copied(to, Digest.finish(sha256), size);
    }

    @Override
    public void close() {
        LeftOvers.of(parent).delete(folder);
    }

    /** The result of {@link #takeOut}. */
    sealed interface TakenOut {
        /** The copy, which no child can reach. */
        record Copied(Path file, Digest digest, long size) implements TakenOut {}

        /** The file has more than {@code maxBytes} bytes. */
        record TooLarge(long maxBytes) implements TakenOut {}

        /** The file does not exist, or is not a regular file with one hard link. */
        record Unusable(String why) implements TakenOut {}
    }
}
