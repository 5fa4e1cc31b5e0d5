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

/** The folder of engine packs: which of them may run. What may not, or is no pack, is logged and left alone. */
final class Packs {
    private static final System.Logger LOG = System.getLogger(Packs.class.getName());

    private Packs() {}

    /** @param allowed as in {@link PrecompilerConfig.Packs} */
    static List<EnginePack> read(Path folder, Set<String> allowed) throws IOException {
        if (!Files.isDirectory(folder)) {
            LOG.log(Level.WARNING, "packs: there is no folder " + folder + ", so no engine is offered");
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
                    LOG.log(Level.WARNING, "pack " + candidate + ": its digest " + pack.digest() + " is not allowed");
                }
            } catch (IOException | IllegalArgumentException e) {
                LOG.log(Level.WARNING, "pack " + candidate + " is not offered: " + e.getMessage());
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

    /** Changes when a pack comes or goes, or the list does; cheap to ask for. 0 while there is no folder. */
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
