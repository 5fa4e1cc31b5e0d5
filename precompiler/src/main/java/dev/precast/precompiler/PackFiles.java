package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a pack and their digest: SHA-256 of the line {@code precast/pack/v1}, then for each file, in the order
 * of the paths, a line {@code <sha256 hex> <size in bytes> <path>}, paths relative with {@code /}, lines ended by LF.
 *
 * @param digest the digest of the pack
 * @param stamps the stamp of each file when it was hashed
 */
record PackFiles(Digest digest, Map<Path, FileStamp> stamps) {
    PackFiles {
        stamps = Map.copyOf(stamps);
    }

    /** @throws IOException if something in the folder is neither a folder nor a regular file, or cannot be read */
    static PackFiles read(Path folder) throws IOException {
        TreeMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    throw new IOException("pack " + folder + ": " + file + " is not a regular file");
                }
                files.put(folder.relativize(file).toString().replace('\\', '/'), file);
                return FileVisitResult.CONTINUE;
            }
        });
        MessageDigest sha256 = Digest.sha256();
        sha256.update("precast/pack/v1\n".getBytes(StandardCharsets.UTF_8));
        Map<Path, FileStamp> stamps = new TreeMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            FileStamp stamp = FileStamp.of(file.getValue());
            Digest content;
            try (InputStream in = Files.newInputStream(file.getValue(), LinkOption.NOFOLLOW_LINKS)) {
                content = Digest.of(in);
            }
            String line = content.hex() + " " + stamp.size() + " " + file.getKey() + "\n";
            sha256.update(line.getBytes(StandardCharsets.UTF_8));
            stamps.put(file.getValue(), stamp);
        }
        return new PackFiles(Digest.finish(sha256), stamps);
    }

    /** Whether no file was changed since it was hashed. Does not detect added files. */
    boolean unchanged() {
        return stamps.entrySet().stream().allMatch(e -> e.getValue().stillOf(e.getKey()));
    }
}
