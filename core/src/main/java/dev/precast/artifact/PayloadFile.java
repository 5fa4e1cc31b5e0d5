package dev.precast.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file with a verified payload, for engines that map the file into memory. Only the user of this process can write to
 * the file's folder. The file is never changed, only deleted or replaced by renaming, so a file with this identity
 * always holds these bytes.
 *
 * @param path path of the file; it may have been replaced since
 * @param identity device, inode, size and change time of the verified file
 */
public record PayloadFile(Path path, String identity) {
    /**
     * The identity of the file at {@code path}. Follows symbolic links.
     *
     * @throws IOException if there is no file, or the file system has no inodes
     */
    public static String identityOf(Path path) throws IOException {
        try {
            Map<String, Object> found = Files.readAttributes(path, "unix:dev,ino,size,ctime");
            return identity(found);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new IOException(path + ": file system without inodes; use another file system", e);
        }
    }

    /** The identity that consists of the attributes {@code dev}, {@code ino}, {@code size} and {@code ctime}. */
    public static String identity(Map<String, Object> unix) {
        return unix.get("dev") + " " + unix.get("ino") + " " + unix.get("size") + " " + unix.get("ctime");
    }
}
