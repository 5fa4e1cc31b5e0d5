package dev.precast.cli;

import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    /** As the worker computes it, by the worker's own code. */
    @Override
    public Exit call() throws IOException, InterruptedException {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailed(Exit.NOT_FOUND, "no-such-folder", folder + ": no such folder");
        }
        Path server = Installation.built(Installation.find(common.around()).serverJar());
        Process process = new ProcessBuilder(
                        Installation.java(),
                        "-cp",
                        server.resolveSibling("lib").resolve("main") + "/*",
                        "dev.precast.precompiler.PackDigest",
                        folder.toString())
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String wrong = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new CommandFailed(Exit.OTHER, "bad-pack", "pack " + folder + ": " + wrong);
        }
        String[] words = told.split(" ", 2);
        common.print(JsonObject.EMPTY.with("digest", words[0]).with("engine", words[1]), words[0]);
        return Exit.OK;
    }
}
