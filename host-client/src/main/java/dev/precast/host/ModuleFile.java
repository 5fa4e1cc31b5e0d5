package dev.precast.host;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file that names modules, one a line. */
public final class ModuleFile {
    private ModuleFile() {}

    /**
     * The modules in their order: {@code sha256:<64 hex>} or the digits alone; what follows a blank, empty lines and those
     * that begin with # do not count.
     *
     * @throws IllegalArgumentException if a line is anything else; the message names it
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
            String digest = text.split("\\s", 2)[0];
            try {
                modules.add(new ModuleDigest(digest.startsWith("sha256:") ? Digest.parse(digest) : new Digest(digest)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ", line " + number + ": " + e.getMessage(), e);
            }
        }
        return modules;
    }
}
