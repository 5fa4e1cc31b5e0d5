package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "push", description = "Uploads modules to the service.")
final class PushCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Modules.")
    private List<Path> files = List.of();

    PushCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        Service service = common.service();
        files.forEach(Modules::existing);
        List<Json> pushed = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (Path file : files) {
            JsonObject module = push(service, file).with("file", file.toString());
            pushed.add(module);
            lines.append(lines.isEmpty() ? "" : "\n")
                    .append(module.string("digest"))
                    .append("  ")
                    .append(module.string("state"))
                    .append("  ")
                    .append(file);
        }
        common.print(JsonObject.EMPTY.with("modules", Json.of(pushed)), lines.toString());
        return Exit.OK;
    }

    /** Sends a file unless the service has it; what the service says of it, and {@code state}: new or known. */
    static JsonObject push(Service service, Path file) throws IOException {
        String kind = Modules.kind(Modules.existing(file)).name().toLowerCase(java.util.Locale.ROOT);
        Digest digest = Modules.digestOf(file);
        if (service.hasModule(digest)) {
            return JsonObject.EMPTY
                    .with("digest", digest.toString())
                    .with("size", java.nio.file.Files.size(file))
                    .with("kind", kind)
                    .with("state", "known");
        }
        Service.Answer answer = service.putModule(digest, file);
        return answer.json().with("state", answer.statusCode() == 201 ? "new" : "known");
    }
}
