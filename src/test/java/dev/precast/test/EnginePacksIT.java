package dev.precast.test;

import dev.precast.testkit.pack.PackContract;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** The packs that the build assembled pass the contract suite of packs. */
final class EnginePacksIT {
    @Nested
    final class Chicory extends PackContract {
        @Override
        protected Path pack() throws IOException {
            return assembled("chicory");
        }
    }

    @Nested
    final class Endive extends PackContract {
        @Override
        protected Path pack() throws IOException {
            return assembled("endive");
        }
    }

    @Nested
    final class Wasmtime extends PackContract {
        @Override
        protected Path pack() throws IOException {
            return assembled("wasmtime");
        }
    }

    /** One pack of the engine; the build assembles all of an engine's packs in the same way. */
    private static Path assembled(String engine) throws IOException {
        try (DirectoryStream<Path> packs = Files.newDirectoryStream(LocalService.bundledPacks(), engine + "-*")) {
            return packs.iterator().next();
        }
    }
}
