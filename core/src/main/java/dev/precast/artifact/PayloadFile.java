package dev.precast.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file with a payload that was found to be what was signed, for engines that map it. Only this process's user can write
 * where it lies, and nobody ever writes to it: it leaves by unlink and is replaced by rename. So as long as a file has
 * this identity it holds these bytes.
 *
 * @param path its name, under which another file may stand by now
 * @param identity device, inode, size and time of change of the file that was verified
 */
public record PayloadFile(Path path, String identity) {
    /**
     * The identity of what stands at a path, links followed.
     *
     * @throws IOException if nothing does, or the file system has no inodes
     */
    public static String identityOf(Path path) throws IOException {
        try {
            Map<String, Object> found = Files.readAttributes(path, "unix:dev,ino,size,ctime");
            return identity(found);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new IOException(path + ": needs a file system with inodes", e);
        }
    }

    /** The same from attributes {@code dev}, {@code ino}, {@code size} and {@code ctime} that were read already. */
    public static String identity(Map<String, Object> unix) {
        return unix.get("dev") + " " + unix.get("ino") + " " + unix.get("size") + " " + unix.get("ctime");
    }
}
