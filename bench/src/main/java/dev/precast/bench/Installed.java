package dev.precast.bench;

import dev.precast.host.service.ServiceClient;
import dev.precast.launcher.Installation;
import dev.precast.launcher.PrecastServer;
import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of the build that the benchmarks use. */
final class Installed {
    private static final String PACK = "wasmtime-";

    private Installed() {}

    /** Starts the packaged server with the packs that were built. Its data folder is {@code data} in the workspace. */
    static ServerProcess service(Workspace work, PrintStream err) throws IOException, InterruptedException {
        Installation installation = Installation.current();
        return PrecastServer.start(
                installation,
                data(work),
                List.of("-Dprecast.packs.folder=" + installation.packs()),
                line -> err.println("bench: " + line));
    }

    /** A client of {@link #service} that may do everything. */
    static ServiceClient client(ServerProcess service, Workspace work) {
        return ServiceClient.builder(service.address()).localToken(data(work)).build();
    }

    /** The data folder of {@link #service}. */
    static Path data(Workspace work) {
        return work.resolve("data");
    }

    /** File with the public key of the root that hosts of {@link #service} trust. */
    static Path trustRoot(Workspace work) {
        return data(work).resolve("trust/root.pub");
    }

    /**
     * The library of the newest Wasmtime whose engine pack is in the list of allowed packs.
     *
     * @throws IOException if the list contains no pack of Wasmtime
     */
    static Path newestWasmtime() throws IOException {
        Installation installation = Installation.current();
        Path packs = Installation.built(installation.packs().resolve("packs.sha256"));
        try (Stream<String> allowed = Files.lines(packs)) {
            String newest = allowed.map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .filter(name -> name.startsWith(PACK))
                    .map(name -> name.substring(PACK.length()))
                    .max(Comparator.comparing(Version::parse))
                    .orElseThrow(() -> new IOException(packs + ": no pack of Wasmtime; build one or use --library"));
            return installation.libraries("wasmtime").resolve(newest).resolve(System.mapLibraryName("wasmtime"));
        }
    }
}
