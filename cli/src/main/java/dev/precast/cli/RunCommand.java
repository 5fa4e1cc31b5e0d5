package dev.precast.cli;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.EngineLoader;
import dev.precast.load.EngineOptions;
import dev.precast.load.EngineProvider;
import dev.precast.load.ProgramException;
import dev.precast.load.WasiProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = "Runs a WASI command from its artifact; if there is no artifact, requests a compilation first.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private final Common common;

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private FreshnessOption freshness = new FreshnessOption();

    @Mixin
    private CacheFolder cache = new CacheFolder();

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "chicory",
            description = "An engine's name, optionally with @version. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--library",
            paramLabel = "FILE",
            description = "The engine's native library. Default: PRECAST_WASMTIME_LIBRARY for wasmtime (likewise "
                    + "for other engines), else the newest matching version in the build's engines/target.")
    private @Nullable Path library;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            split = ",",
            description = "Profiles of the engine that may be used, most preferred first. Default: all.")
    private List<String> profiles = List.of();

    @Option(
            names = "--dir",
            paramLabel = "HOST::GUEST",
            description = "A folder that the module may use, and the path at which the module sees it.")
    private List<String> folders = List.of();

    @Option(names = "--env", paramLabel = "NAME=VALUE", description = "An environment variable for the module.")
    private List<String> variables = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Longest time to wait for a compilation. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "A module, or a component if the engine supports components.")
    private Path file = Path.of("");

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARG", description = "Arguments of the module, after --.")
    private List<String> arguments = List.of();

    RunCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Integer call() throws IOException {
        return run(Engines.find(common.around()).named(engine));
    }

    private <M> int run(EngineProvider<M> provider) throws IOException {
        Modules.kind(Modules.existing(file));
        WasiProgram program = program();
        URI service = common.server();
        String token = common.token(service);
        try (Precast<M> precast = Precast.builder(loader(provider))
                .source(ServiceClient.builder(service).token(() -> token).build())
                .trustRoot(trust.require(common).root())
                .freshness(freshness.of(common))
                .diskCache(cache.folder(common.around()), CacheFolder.MAX_BYTES)
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(Math.max(1, timeout)), MissPolicy.fail()))
                .withoutListeners()
                .build()) {
            ModuleDigest digest = new ModuleDigest(Modules.digestOf(file));
            return provider.run(precast.load(digest, () -> Files.readAllBytes(file)), program);
        } catch (ArtifactMissingException e) {
            throw Problems.failure(e.reason(), String.valueOf(e.getMessage()), e);
        } catch (ProgramException e) {
            throw failure(e);
        }
    }

    private <M> EngineLoader<M> loader(EngineProvider<M> provider) throws IOException {
        String name = provider.name();
        Optional<String> version = Optional.of(engine)
                .filter(asked -> asked.contains("@"))
                .map(asked -> asked.substring(asked.indexOf('@') + 1).replaceFirst("\\+.*", ""));
        Optional<Path> named = Optional.ofNullable(library)
                .or(() -> common.around()
                        .variable("PRECAST_" + name.toUpperCase(Locale.ROOT) + "_LIBRARY")
                        .map(Path::of));
        Path libraries = common.around().installation().libraries(name);
        try {
            return provider.open(new EngineOptions(version, named, libraries, profiles));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.USAGE, "usage", "engine " + engine + ": " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new CommandFailed(
                    Exit.NOT_FOUND,
                    "no-engine-library",
                    "engine " + engine + ": library not found: " + e.getMessage() + "; specify --library",
                    e);
        }
    }

    /** The program's arguments, folders and environment variables. */
    private WasiProgram program() {
        List<String> argv = new ArrayList<>(List.of(String.valueOf(file.getFileName())));
        argv.addAll(arguments);
        Map<String, Path> opened = new LinkedHashMap<>();
        for (String folder : folders) {
            int at = folder.indexOf("::");
            String host = at < 0 ? folder : folder.substring(0, at);
            if (!Files.isDirectory(Path.of(host))) {
                throw new CommandFailed(Exit.NOT_FOUND, "no-such-folder", "--dir " + host + ": folder not found");
            }
            opened.put(at < 0 ? folder : folder.substring(at + 2), Path.of(host));
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : variables) {
            int at = variable.indexOf('=');
            if (at < 1) {
                throw new CommandFailed(Exit.USAGE, "usage", "--env: expected NAME=VALUE, found " + variable);
            }
            environment.put(variable.substring(0, at), variable.substring(at + 1));
        }
        return new WasiProgram(argv, opened, environment);
    }

    private CommandFailed failure(ProgramException e) {
        return switch (e.reason()) {
            case NOT_RUNNABLE ->
                new CommandFailed(
                        Exit.OTHER, "not-runnable", file + ": cannot be run as a WASI command: " + e.getMessage(), e);
            case INCOMPATIBLE ->
                new CommandFailed(
                        Exit.OTHER, "incompatible", file + ": loads, but cannot run here: " + e.getMessage(), e);
            case TRAP -> new CommandFailed(Exit.OTHER, "trap", file + ": trapped: " + e.getMessage(), e);
        };
    }
}
