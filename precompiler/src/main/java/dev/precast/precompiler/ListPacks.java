package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the list of a folder's packs beside them. The build runs it after it has assembled the packs. */
public final class ListPacks {
    private ListPacks() {}

    /** @param folders of packs; one that is not there is left out */
    static void main(String[] folders) throws IOException {
        for (String folder : folders) {
            if (Files.isDirectory(Path.of(folder))) {
                list(Path.of(folder));
            }
        }
    }

    /**
     * Writes the list of all packs in a folder, in place of the list that was there; a worker runs only listed packs.
     *
     * @param folder holds one folder per pack
     * @throws IOException if a pack cannot be read or the list cannot be written
     */
    public static void list(Path folder) throws IOException {
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
