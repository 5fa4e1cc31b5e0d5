package dev.precast.precompiler;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A folder inside a child's folder, held open. On Linux its path leads through a file descriptor: the path is short
 * however deep the folder lies, and still names this folder after another process replaced it with a link. On other
 * systems it is the folder's own path.
 */
final class OpenFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ALL = PosixFilePermissions.fromString("rwx------");
    private static final String SCHEME = "file://";

    private final Path path;
    private final int descriptor;

    private OpenFolder(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /**
     * Opens a folder. Needs no permission of the folder itself, and does not follow a link.
     *
     * @throws IOException if {@code folder} is not a folder, or this process cannot open more files
     */
    static OpenFolder at(Path folder) throws IOException {
        Optional<Libc> libc = Libc.get();
        if (libc.isEmpty()) {
            if (!isFolder(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            return new OpenFolder(folder, -1);
        }
        int descriptor = (int)
                libc.get().require("folder " + folder + ": opening", libc.get().openFolder(bytes(folder)));
        return new OpenFolder(Path.of("/proc/self/fd/" + descriptor), descriptor);
    }

    /** Whether this is a folder and not a link to one. */
    static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * The path's bytes. A name is any sequence of bytes on Linux, so its text may have lost some; the URI has all.
     * Without a slash at the end, because with a slash the system would follow a link.
     */
    private static byte[] bytes(Path path) {
        String uri = path.toUri().toString();
        String escaped = uri.substring(SCHEME.length(), uri.endsWith("/") ? uri.length() - 1 : uri.length());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(escaped.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    Path path() {
        return path;
    }

    /** Lets this process read, write and search the folder. */
    void unlock() throws IOException {
        if (descriptor >= 0) {
            Files.setPosixFilePermissions(path, OWNER_ALL);
        } else {
            File folder = path.toFile();
            // If this fails, the next access to the folder reports it.
            boolean ignored = folder.setExecutable(true) & folder.setReadable(true) & folder.setWritable(true);
        }
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            Libc.get().orElseThrow().close(descriptor);
        }
    }
}
