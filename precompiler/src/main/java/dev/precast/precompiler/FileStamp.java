package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Tells whether a file was changed or replaced since it was hashed. Its owner cannot set the time of the last change
 * of status back; where there is none, the time of the last write has to do.
 *
 * @param identity device and inode, or what the system has for them
 * @param size in bytes
 * @param changed the later of the times
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
