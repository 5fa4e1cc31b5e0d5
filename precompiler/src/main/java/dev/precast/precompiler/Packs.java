package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.pack.PackList;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the engine packs in a folder. Logs and skips subfolders that are not packs, and packs that the configuration
 * does not allow.
 */
final class Packs {
    private static final System.Logger LOG = System.getLogger(Packs.class.getName());

    private Packs() {}

    /** @param allowed as in {@link PrecompilerConfig.Packs} */
    static List<EnginePack> read(Path folder, Set<String> allowed) throws IOException {
        if (!Files.isDirectory(folder)) {
            LOG.log(
                    Level.WARNING,
                    "packs: folder " + folder + " not found, so no engine is offered; set precast.packs.folder");
            return List.of();
        }
        Set<Digest> digests = digests(folder, allowed);
        List<EnginePack> packs = new ArrayList<>();
        for (Path candidate : PackList.folders(folder)) {
            try {
                EnginePack pack = EnginePack.read(candidate);
                if (digests.contains(pack.digest())) {
                    packs.add(pack);
                } else {
                    LOG.log(
                            Level.WARNING,
                            "pack " + candidate + ": digest " + pack.digest()
                                    + " is not allowed; to allow it, add it to precast.packs.allowed");
                }
            } catch (IOException | IllegalArgumentException e) {
                LOG.log(Level.WARNING, "pack " + candidate + ": not offered: " + e.getMessage());
            }
        }
        return packs;
    }

    private static Set<Digest> digests(Path folder, Set<String> allowed) throws IOException {
        Set<Digest> digests = new HashSet<>();
        for (String entry : allowed) {
            if (!entry.equals(PrecompilerConfig.BUNDLED)) {
                digests.add(Digest.parse(entry));
            } else if (Files.exists(folder.resolve(PackList.FILE))) {
                for (String line : Files.readAllLines(folder.resolve(PackList.FILE))) {
                    digests.add(new Digest(line.split(" ", 2)[0]));
                }
            }
        }
        return digests;
    }

    /**
     * A number that changes when a pack is added or removed, or the list of packs changes; cheap to compute. 0 if the
     * folder does not exist.
     */
    static long stamp(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        List<Path> looked = new ArrayList<>(PackList.folders(folder));
        looked.add(folder);
        if (Files.exists(folder.resolve(PackList.FILE))) {
            looked.add(folder.resolve(PackList.FILE));
        }
        long stamp = 1;
        for (Path each : looked) {
            stamp = 31 * stamp + each.hashCode();
            stamp = 31 * stamp + Files.getLastModifiedTime(each).toMillis();
        }
        return stamp;
    }
}
