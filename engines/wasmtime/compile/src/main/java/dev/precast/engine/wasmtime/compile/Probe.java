package dev.precast.engine.wasmtime.compile;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Target;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.CwasmFile;
import dev.precast.module.EmptyModule;
import dev.precast.module.MalformedModuleException;
import dev.precast.protocol.LaneJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lists the lanes that a pack can serve on this machine. Compiles the empty module for each profile and target, and names
 * those for which it cannot.
 */
final class Probe {
    private final WasmtimeLibrary library;

    Probe(WasmtimeLibrary library) {
        this.library = library;
    }

    /** @param description the pack's {@code engine.json} */
    JsonObject lanes(JsonObject description) throws IOException {
        List<JsonObject> lanes = new ArrayList<>();
        List<JsonObject> refused = new ArrayList<>();
        for (Map.Entry<String, Json> profile :
                description.object("profiles").members().entrySet()) {
            for (Json target : description.object("targets").array(profile.getKey())) {
                CompileConfig config = new CompileConfig(profile.getValue().asObject(profile.getKey()));
                try {
                    lanes.add(lane(profile.getKey(), config, new Target(target.asString("target"))));
                } catch (IllegalArgumentException | RejectedException e) {
                    refused.add(JsonObject.EMPTY
                            .with("profile", profile.getKey())
                            .with("target", target)
                            .with("why", String.valueOf(e.getMessage())));
                }
            }
        }
        return JsonObject.EMPTY.with("lanes", Json.of(lanes)).with("refused", Json.of(refused));
    }

    private JsonObject lane(String profile, CompileConfig config, Target target) throws IOException, RejectedException {
        return JsonObject.EMPTY
                .with("profile", profile)
                .with(LaneJson.ENGINE_HASH, engineHash(config, target).toString())
                .with("target", target.toString())
                .with("format", CwasmFile.FORMAT);
    }

    EngineHash engineHash(CompileConfig config, Target target) throws IOException, RejectedException {
        Path folder = Files.createTempDirectory(Path.of("").toAbsolutePath(), "probe");
        Path wasm = folder.resolve("empty.wasm");
        Path out = folder.resolve("empty.cwasm");
        try (ModuleCompiler compiler = new ModuleCompiler(library, config, target)) {
            Files.write(wasm, EmptyModule.wasm());
            compiler.compile(wasm, out);
            return CwasmFile.read(out).engineHash();
        } catch (MalformedModuleException e) {
            throw new IOException("Wasmtime's output: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(wasm);
            Files.deleteIfExists(out);
            Files.delete(folder);
        }
    }
}
