package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Detects that a file was changed or replaced after it was hashed. Compares the change time (ctime), which the owner
 * cannot set back; on systems without it, compares the time of the last write.
 *
 * @param identity device and inode, or the system's equivalent
 * @param size in bytes
 * @param changed change time, or on other systems the time of the last write
 */
record FileStamp(String identity, long size, String changed) {
    static FileStamp of(Path file) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        Map<String, Object> a =
                Files.readAttributes(file, unix ? "unix:dev,ino,size,ctime" : "*", LinkOption.NOFOLLOW_LINKS);
        long size = (Long) Objects.requireNonNull(a.get("size"));
        return unix
                ? new FileStamp(a.get("dev") + ":" + a.get("ino"), size, String.valueOf(a.get("ctime")))
                : new FileStamp(String.valueOf(a.get("fileKey")), size, String.valueOf(a.get("lastModifiedTime")));
    }

    boolean stillOf(Path file) {
        try {
            return equals(of(file));
        } catch (IOException e) {
            return false;
        }
    }
}
