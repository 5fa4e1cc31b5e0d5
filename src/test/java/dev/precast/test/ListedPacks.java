package dev.precast.test;

import java.io.IOException;
import java.nio.file.Path;

/** Allows the packs of a folder, as the build does for those that it puts together. */
final class ListedPacks {
    private ListedPacks() {}

    static void list(Path packs) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        LocalService.JAVA,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.precast.precompiler.ListPacks",
                        packs.toString())
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("listing the packs of " + packs + " failed");
        }
    }
}
