package dev.precast.cli;

import dev.precast.json.JsonObject;
import dev.precast.module.CwasmFile;
import dev.precast.module.MalformedModuleException;
import dev.precast.module.WasmKind;
import dev.precast.protocol.LaneJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "engine-hash",
        description =
                "Prints the engine hash of a file that Wasmtime serialized: the SHA-256 of its section .wasmtime.engine.")
final class EngineHashCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Parameters(paramLabel = "FILE", description = "A .cwasm file.")
    private Path file = Path.of("");

    EngineHashCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        CwasmFile read;
        try {
            read = CwasmFile.read(Modules.existing(file));
        } catch (MalformedModuleException e) {
            throw new CommandFailed(Exit.REJECTED, "not-cwasm", file + ": " + e.getMessage(), e);
        }
        JsonObject document = JsonObject.EMPTY
                .with("file", file.toString())
                .with(LaneJson.ENGINE_HASH, read.engineHash().toString())
                .with("kind", read.kind() == WasmKind.COMPONENT ? "component" : "module")
                .with("architecture", read.architecture())
                .with("wasmtime", read.version());
        common.print(document, read.engineHash().toString());
        return Exit.OK;
    }
}
