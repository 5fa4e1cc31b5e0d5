package dev.precast.bench;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** What the build made, in the folder that holds it. */
final class Installed {
    private static final String BUILD = ": build it with ./mvnw -DskipTests package";

    private static final String PACK = "wasmtime-";

    private Installed() {}

    static Path home() {
        return Path.of(System.getProperty("precast.home", ".")).toAbsolutePath();
    }

    /**
     * The newest library of Wasmtime that has an engine pack too.
     *
     * @throws IOException if there is none
     */
    static Path newestWasmtime() throws IOException {
        Path packs = home().resolve("engines/target/packs");
        try (Stream<Path> found = Files.exists(packs) ? Files.list(packs) : Stream.empty()) {
            String newest = found.filter(pack -> name(pack).startsWith(PACK))
                    .map(pack -> name(pack).substring(PACK.length()))
                    .max(Comparator.comparing(Version::parse))
                    .orElseThrow(() -> new IOException(packs + " has no pack of Wasmtime" + BUILD));
            return home().resolve("engines/target/wasmtime").resolve(newest).resolve(System.mapLibraryName("wasmtime"));
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
