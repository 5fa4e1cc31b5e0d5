package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.pack.PackFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The digest of a pack, and stamps that show whether a file was changed since it was hashed.
 *
 * @param digest the digest of the pack
 * @param stamps the stamp of each file when it was hashed
 */
record PackFiles(Digest digest, Map<Path, FileStamp> stamps) {
    PackFiles {
        stamps = Map.copyOf(stamps);
    }

    static PackFiles of(PackFolder pack) throws IOException {
        Map<Path, FileStamp> stamps = new TreeMap<>();
        for (Path file : pack.files().values()) {
            stamps.put(file, FileStamp.of(file));
        }
        return new PackFiles(pack.digest(), stamps);
    }

    /** Whether no file was changed since it was hashed. Does not detect added files. */
    boolean unchanged() {
        return stamps.entrySet().stream().allMatch(e -> e.getValue().stillOf(e.getKey()));
    }
}
