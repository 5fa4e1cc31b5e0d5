package dev.precast.cli;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.EngineLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntBiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = "Runs a WASI command from its artifact; requests a compilation first if there is none.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private final Common common;

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private CacheFolder cache = new CacheFolder();

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "chicory",
            description = "chicory, endive or wasmtime, optionally with @version. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--library",
            paramLabel = "FILE",
            description = "Wasmtime's C API library; default PRECAST_WASMTIME_LIBRARY, else the newest of the build.")
    private @Nullable Path library;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            split = ",",
            description = "Profiles of Wasmtime that may be used, most preferred first. Default: all.")
    private List<String> profiles = List.of();

    @Option(
            names = "--dir",
            paramLabel = "HOST::GUEST",
            description = "A folder that the module may use, and its name in the module.")
    private List<String> folders = List.of();

    @Option(names = "--env", paramLabel = "NAME=VALUE", description = "An environment variable for the module.")
    private List<String> variables = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Longest time to wait for a compilation. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Parameters(index = "0", paramLabel = "FILE", description = "A module, or with wasmtime a component.")
    private Path file = Path.of("");

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARG", description = "Arguments of the module, after --.")
    private List<String> arguments = List.of();

    RunCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Integer call() throws IOException {
        if (engine.equals("wasmtime") || engine.startsWith("wasmtime@")) {
            WasmtimeHost wasmtime = new WasmtimeHost(common.around(), engine, library, profiles);
            return run(wasmtime.loader(), WasmtimeHost::run);
        }
        return run(engine());
    }

    private <M> int run(HostEngine<M> on) throws IOException {
        return run(on.loader(), on::run);
    }

    private HostEngine<?> engine() {
        return HostEngine.ALL.stream()
                .filter(known -> LaneChoice.fits(engine, known.id().toString()))
                .findFirst()
                .orElseThrow(() -> new CommandFailed(
                        Exit.NOT_FOUND,
                        "engine-not-loadable",
                        "engine " + engine + ": this command line loads "
                                + HostEngine.ALL.stream()
                                        .map(known -> known.id().toString())
                                        .collect(Collectors.joining(", ", "", " and wasmtime"))));
    }

    private <M> int run(EngineLoader<M> loader, ToIntBiFunction<M, WasiProgram> run) throws IOException {
        Modules.kind(Modules.existing(file));
        WasiProgram program = WasiProgram.of(file, arguments, folders, variables);
        try (Precast<M> precast = Precast.builder(loader)
                .source(ServiceClient.builder(common.server())
                        .token(common::token)
                        .build())
                .trustRoot(trust.require(common).root())
                .diskCache(cache.folder(common.around()), CacheFolder.MAX_BYTES)
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(Math.max(1, timeout)), MissPolicy.fail()))
                .withoutListeners()
                .build()) {
            ModuleDigest digest = new ModuleDigest(Modules.digestOf(file));
            return run.applyAsInt(precast.load(digest, () -> Files.readAllBytes(file)), program);
        } catch (ArtifactMissingException e) {
            throw Problems.failure(e.reason(), String.valueOf(e.getMessage()), e);
        }
    }
}
