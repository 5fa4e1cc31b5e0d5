package dev.precast.cli;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        ServiceClient service = common.service();
        files.forEach(Modules::existing);
        List<Json> pushed = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (Path file : files) {
            JsonObject module = push(common, service, file).with("file", file.toString());
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

    /** Uploads a file unless the service has it. Returns its digest, size, kind and {@code state}: new or known. */
    static JsonObject push(Common common, ServiceClient service, Path file) throws IOException {
        String kind = Modules.kind(Modules.existing(file)).name().toLowerCase(Locale.ROOT);
        ModuleDigest digest = new ModuleDigest(Modules.digestOf(file));
        boolean added = !service.hasModule(digest) && upload(common, service, digest, file);
        return JsonObject.EMPTY
                .with("digest", digest.toString())
                .with("size", Files.size(file))
                .with("kind", kind)
                .with("state", added ? "new" : "known");
    }

    private static boolean upload(Common common, ServiceClient service, ModuleDigest digest, Path file)
            throws IOException {
        long size = Files.size(file);
        try (Progress progress = Progress.start(common.around(), "push " + file.getFileName(), size)) {
            return service.upload(digest, size, () -> progress.counting(open(file)));
        }
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }
}
