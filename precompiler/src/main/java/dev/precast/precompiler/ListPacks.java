package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the list of the packs of a folder beside them; run when packs are assembled. */
final class ListPacks {
    private ListPacks() {}

    /** @param arguments the folder of packs */
    static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        StringBuilder list = new StringBuilder();
        for (Path pack : PackFolder.folders(folder)) {
            list.append(EnginePack.read(pack).digest().hex())
                    .append("  ")
                    .append(pack.getFileName())
                    .append('\n');
        }
        Files.writeString(folder.resolve(PackFolder.LIST), list);
    }
}
