package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Path;

/** Prints digest and engine of a pack, or what is wrong with it; the command line runs it as a process of its own. */
final class PackDigest {
    private PackDigest() {}

    /** @param folder of one pack */
    static void main(String[] folder) {
        try {
            EnginePack pack = EnginePack.read(Path.of(folder[0]));
            System.out.println(pack.digest() + " " + pack.engine());
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
