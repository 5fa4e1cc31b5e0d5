package dev.precast.host;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file with module digests, one per line. */
public final class ModuleFile {
    private ModuleFile() {}

    /**
     * Reads the digests in the order of the lines. A line is {@code sha256:<64 hex>} or only the 64 digits. Text after
     * white space or #, empty lines and lines that begin with # are ignored.
     *
     * @throws IllegalArgumentException if a line is anything else; the message names the line
     */
    public static List<ModuleDigest> read(Path file) throws IOException {
        List<ModuleDigest> modules = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String digest = text.split("[\\s#]", 2)[0];
            try {
                modules.add(new ModuleDigest(digest.startsWith("sha256:") ? Digest.parse(digest) : new Digest(digest)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ", line " + number + ": " + e.getMessage(), e);
            }
        }
        return modules;
    }
}
