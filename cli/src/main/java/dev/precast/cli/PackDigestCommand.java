package dev.precast.cli;

import dev.precast.json.JsonObject;
import dev.precast.pack.PackFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "pack-digest", description = "Prints the digest of an engine pack, for precast.packs.allowed.")
final class PackDigestCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Parameters(paramLabel = "DIR", description = "The pack's folder, with its engine.json.")
    private Path folder = Path.of("");

    PackDigestCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailed(Exit.NOT_FOUND, "no-such-folder", folder + ": folder not found");
        }
        try {
            PackFolder pack = PackFolder.of(folder);
            String digest = pack.digest().toString();
            String engine = PackFolder.engine(pack.description()).toString();
            common.print(JsonObject.EMPTY.with("digest", digest).with("engine", engine), digest);
            return Exit.OK;
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailed(Exit.OTHER, "bad-pack", "pack " + folder + ": " + e.getMessage(), e);
        }
    }
}
