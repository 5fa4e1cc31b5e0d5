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
     * The newest library of Wasmtime whose engine pack may run.
     *
     * @throws IOException if there is none
     */
    static Path newestWasmtime() throws IOException {
        Path packs = home().resolve("engines/target/packs/packs.sha256");
        try (Stream<String> allowed = Files.exists(packs) ? Files.lines(packs) : Stream.empty()) {
            String newest = allowed.map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .filter(name -> name.startsWith(PACK))
                    .map(name -> name.substring(PACK.length()))
                    .max(Comparator.comparing(Version::parse))
                    .orElseThrow(() -> new IOException(packs + " names no pack of Wasmtime" + BUILD));
            return home().resolve("engines/target/wasmtime").resolve(newest).resolve(System.mapLibraryName("wasmtime"));
        }
    }
}
