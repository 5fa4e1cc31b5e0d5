package dev.precast.host.disk;

import dev.precast.artifact.PayloadFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A folder that belongs to one uid, with files that no other user can have written. Checks the attributes of stat(2):
 * type, owner, mode, device, inode, size, ctime.
 */
final class OwnedFiles {
    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int FOLDER = 0040000;
    private static final int OTHERS = 0077;
    private static final int OTHERS_WRITE = 0022;

    private final Path folder;
    private final int uid;

    /**
     * Opens the folder; creates it if it does not exist.
     *
     * @throws IOException if it is not a folder of mode 0700 that belongs to this process's uid, or its file system has
     *     no owners
     */
    OwnedFiles(Path folder) throws IOException {
        this.folder = folder;
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            throw new IOException("disk cache " + folder + ": file system without POSIX owners and modes; use "
                    + "another file system");
        }
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(folder, mode("rwx------"));
        }
        this.uid = uid(folder);
        Stat found = stat(folder);
        if ((found.mode & TYPE) != FOLDER || (found.mode & OTHERS) != 0 || found.uid != uid) {
            throw new IOException("disk cache " + folder + ": expected a folder of mode 0700 owned by uid " + uid
                    + ", found mode " + Integer.toOctalString(found.mode) + " owned by uid " + found.uid);
        }
    }

    /** The uid of new files. */
    private static int uid(Path folder) throws IOException {
        Path self = Path.of("/proc/self");
        if (Files.exists(self)) {
            return stat(self.toRealPath()).uid;
        }
        Path probe = folder.resolve("probe-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        Files.createFile(probe, mode("rw-------"));
        try {
            return stat(probe).uid;
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** A subfolder, which is created if it does not exist. */
    Path folder(String name) throws IOException {
        Path inside = folder.resolve(name);
        if (!Files.isDirectory(inside, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(inside, mode("rwx------"));
        }
        return inside;
    }

    /** Creates a file of mode 0600. */
    static RandomAccessFile create(Path file) throws IOException {
        Files.createFile(file, mode("rw-------"));
        return new RandomAccessFile(file.toFile(), "rw");
    }

    /** Makes the file read-only, mode 0400. */
    static void makeReadOnly(Path file) throws IOException {
        Files.setPosixFilePermissions(file, EnumSet.of(PosixFilePermission.OWNER_READ));
    }

    /** Flushes a folder, so that renames in it survive a power failure. */
    static void flush(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Opens a file that only this uid can have written. Java cannot stat an open descriptor, so this reads the
     * attributes of the path before and after the open; if the file was replaced in between, device and inode differ.
     *
     * @throws FileNotFoundException if the file does not exist or was replaced during the open
     * @throws IOException if it is not a regular file, belongs to another uid, or other users can write it
     */
    Opened open(Path file) throws IOException {
        try {
            Stat before = look(file);
            RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r");
            boolean same = false;
            try {
                Stat after = stat(file);
                same = before.isSameFileAs(after);
                if (!same) {
                    throw new FileNotFoundException(file + ": was replaced during the open; retry");
                }
                return new Opened(opened, after);
            } finally {
                if (!same) {
                    opened.close();
                }
            }
        } catch (NoSuchFileException e) {
            throw new FileNotFoundException(file + ": not found");
        }
    }

    /**
     * Reads the attributes of a file that only this uid can have written.
     *
     * @throws NoSuchFileException if the file does not exist
     * @throws IOException if it is not a regular file, belongs to another uid, or other users can write it
     */
    Stat look(Path file) throws IOException {
        Stat found = stat(file);
        if ((found.mode & TYPE) != REGULAR || (found.mode & OTHERS_WRITE) != 0 || found.uid != uid) {
            throw new IOException(file + ": expected a file that only uid " + uid + " can write, found mode "
                    + Integer.toOctalString(found.mode) + " owned by uid " + found.uid);
        }
        return found;
    }

    static Stat stat(Path file) throws IOException {
        Map<String, Object> found =
                Files.readAttributes(file, "unix:uid,mode,dev,ino,size,ctime", LinkOption.NOFOLLOW_LINKS);
        return new Stat(
                number(found, "uid").intValue(),
                number(found, "mode").intValue(),
                number(found, "dev").longValue(),
                number(found, "ino").longValue(),
                number(found, "size").longValue(),
                found.get("ctime") instanceof FileTime time ? time.toString() : "");
    }

    private static Number number(Map<String, Object> found, String name) {
        if (found.get(name) instanceof Number number) {
            return number;
        }
        throw new IllegalStateException("stat: no attribute " + name + " in " + found);
    }

    record Opened(RandomAccessFile file, Stat stat) {}

    record Stat(int uid, int mode, long device, long inode, long size, String changed) {
        /** Whether both belong to the same file, as long as the file exists. */
        boolean isSameFileAs(Stat other) {
            return device == other.device && inode == other.inode;
        }

        /** The identity of the content, which changes if the file is written. */
        String identity() {
            return PayloadFile.identity(Map.of("dev", device, "ino", inode, "size", size, "ctime", changed));
        }
    }
}
