package dev.precast.cli;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.host.MissReason;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compile",
        description = "Requests compilations; uploads files first. One failure does not stop the others.")
final class CompileCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Mixin
    private LaneChoice choice = new LaneChoice();

    @Option(names = "--wait", description = "Wait for the result; otherwise return when the request is accepted.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Longest time to wait, with --wait. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Parameters(arity = "1..*", paramLabel = "FILE|DIGEST", description = "Modules.")
    private List<String> modules = List.of();

    CompileCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        ServiceClient service = common.service();
        for (String module : modules) {
            if (!Modules.isDigest(module)) {
                Modules.existing(Path.of(module));
            }
        }
        OfferedLane lane = choice.in(service);
        List<Json> results = new ArrayList<>();
        List<CommandFailed> failures = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String module : modules) {
            try {
                JsonObject result = compiled(service, lane, module);
                results.add(result);
                lines.add(result.string("state") + "  " + result.string("module") + "  " + result.string("engine")
                        + "  key " + result.string("key"));
            } catch (CommandFailed e) {
                if (modules.size() == 1) {
                    throw e;
                }
                failures.add(e);
                String state = e.exit() == Exit.REJECTED ? "rejected" : "failed";
                results.add(Common.error(e.exit(), e.code(), e.text())
                        .with("module", module)
                        .with("state", state));
                lines.add(state + "  " + module);
                common.around().err().println("precast: " + module + ": " + e.text());
            }
        }
        common.print(JsonObject.EMPTY.with("artifacts", Json.of(results)), String.join("\n", lines));
        return exit(results, failures);
    }

    private JsonObject compiled(ServiceClient service, OfferedLane lane, String module) throws IOException {
        try {
            ModuleDigest digest = Modules.isDigest(module)
                    ? Modules.digest(module)
                    : Modules.digest(
                            PushCommand.push(common, service, Path.of(module)).string("digest"));
            return compile(common, service, lane, digest, module, wait ? timeout : 0);
        } catch (ServiceException e) {
            throw Problems.failure(e);
        }
    }

    /** The exit code: {@link Exit#REJECTED} only if a retry cannot help. */
    private Exit exit(List<Json> results, List<CommandFailed> failures) {
        boolean compiling = wait
                && results.stream()
                        .anyMatch(r -> r.asObject("artifact").string("state").equals("compiling"));
        return failures.stream()
                .map(CommandFailed::exit)
                .filter(exit -> exit != Exit.REJECTED)
                .findFirst()
                .orElse(compiling ? Exit.NOT_FOUND : failures.isEmpty() ? Exit.OK : Exit.REJECTED);
    }

    /** Requests one compilation and waits. Returns key, state, engine, module and milliseconds. */
    static JsonObject compile(
            Common common, ServiceClient service, OfferedLane lane, ModuleDigest module, String name, long waitSeconds)
            throws IOException {
        long start = System.nanoTime();
        ArtifactKey key = lane.lane().id().key(module);
        String label = Modules.isDigest(name) ? name.substring(0, 19) : name.substring(name.lastIndexOf('/') + 1);
        KeyState state;
        try (Progress progress = Progress.start(common.around(), "compile " + label, -1)) {
            long slice = Math.min(waitSeconds, common.around().terminal() ? 2 : 20);
            state = service.compile(key, Duration.ofSeconds(slice));
            while (state instanceof KeyState.Compiling && secondsSince(start) < waitSeconds) {
                progress.note("compiling for " + Units.time(Duration.ofSeconds(secondsSince(start))));
                long left = Math.max(1, Math.min(slice, waitSeconds - secondsSince(start)));
                state = service.compilation(key.digest(), Duration.ofSeconds(left));
            }
        }
        if (state instanceof KeyState.Rejected || state instanceof KeyState.Failed) {
            throw Problems.failure(new MissReason.NoArtifact(state), label);
        }
        return JsonObject.EMPTY
                .with("module", module.toString())
                .with("engine", key.lane().engine().toString())
                .with("profile", lane.profile())
                .with("key", key.digest().toString())
                .with("state", state.label())
                .with("ms", (System.nanoTime() - start) / 1_000_000);
    }

    private static long secondsSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toSeconds();
    }
}
