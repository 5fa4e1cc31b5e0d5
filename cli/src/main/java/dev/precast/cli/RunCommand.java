package dev.precast.cli;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.HttpSource;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = "Runs a WASI preview 1 command from its artifact; has it compiled first where there is none.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private final Common common;

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private CacheFolder cache = new CacheFolder();

    @Option(names = "--engine", defaultValue = "chicory", description = "The engine. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--dir",
            paramLabel = "HOST::GUEST",
            description = "A folder that the module may use, and its name inside.")
    private List<String> folders = List.of();

    @Option(names = "--env", paramLabel = "NAME=VALUE", description = "A variable that the module sees.")
    private List<String> variables = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long to wait for a compilation. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Parameters(index = "0", paramLabel = "FILE", description = "A module.")
    private Path file = Path.of("");

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARG", description = "Arguments of the module, after --.")
    private List<String> arguments = List.of();

    RunCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Integer call() throws IOException {
        if (!LaneChoice.fits(engine, "chicory") && !engine.startsWith("chicory@")) {
            throw new CommandFailed(
                    Exit.NOT_FOUND,
                    "engine-not-loadable",
                    "engine " + engine + ": this command line loads chicory only");
        }
        Modules.kind(Modules.existing(file));
        WasiOptions options = options();
        Refusals refusals = new Refusals();
        try (Precast<CompiledModule> precast = Precast.builder(new ChicoryLoader())
                .source(HttpSource.builder(common.server()).token(common::token).build())
                .trustRoot(trust.require(common).root())
                .diskCache(cache.folder(common.around()), CacheFolder.MAX_BYTES)
                .onMiss(MissPolicy.waitFor(Duration.ofSeconds(Math.max(1, timeout)), MissPolicy.fail()))
                .listener(refusals)
                .build()) {
            ModuleDigest digest = new ModuleDigest(Modules.digestOf(file));
            return run(precast.load(digest, () -> Files.readAllBytes(file)), options);
        } catch (ArtifactMissingException e) {
            throw refusals.explain(e);
        }
    }

    private WasiOptions options() {
        List<String> argv = new ArrayList<>(List.of(String.valueOf(file.getFileName())));
        argv.addAll(arguments);
        WasiOptions.Builder options = WasiOptions.builder().inheritSystem().withArguments(argv);
        for (String folder : folders) {
            int at = folder.indexOf("::");
            String host = at < 0 ? folder : folder.substring(0, at);
            Path path = Path.of(host);
            if (!Files.isDirectory(path)) {
                throw new CommandFailed(Exit.NOT_FOUND, "no-such-folder", "--dir " + host + ": no such folder");
            }
            options.withDirectory(at < 0 ? folder : folder.substring(at + 2), path);
        }
        for (String variable : variables) {
            int at = variable.indexOf('=');
            if (at < 1) {
                throw new CommandFailed(Exit.USAGE, "usage", "--env: expected NAME=VALUE, found " + variable);
            }
            options.withEnvironment(variable.substring(0, at), variable.substring(at + 1));
        }
        return options.build();
    }

    private int run(CompiledModule module, WasiOptions options) {
        try (WasiPreview1 wasi = WasiPreview1.builder().withOptions(options).build()) {
            Instance instance = Instance.builder(module.wasmModule())
                    .withMachineFactory(module.machineFactory())
                    .withImportValues(ImportValues.builder()
                            .addFunction(wasi.toHostFunctions())
                            .build())
                    .withStart(false)
                    .build();
            instance.export("_start").apply();
            return Exit.OK.code();
        } catch (WasiExitException e) {
            return e.exitCode();
        } catch (TrapException e) {
            throw new CommandFailed(Exit.OTHER, "trap", file + ": trapped: " + e.getMessage(), e);
        } catch (ChicoryException e) {
            throw new CommandFailed(
                    Exit.OTHER, "not-runnable", file + ": cannot be run as a WASI command: " + e.getMessage(), e);
        }
    }

    /** Why there is no artifact, as far as the exit code wants to know. */
    private static final class Refusals implements PrecastListener {
        private volatile @Nullable String refused;
        private volatile @Nullable String degraded;

        @Override
        public void refused(String what, Check check, String detail) {
            refused = what + ": " + check.label() + ": " + detail;
        }

        @Override
        public void degraded(String what) {
            degraded = what;
        }

        CommandFailed explain(ArtifactMissingException e) {
            String message = String.valueOf(e.getMessage());
            String check = refused;
            if (check != null) {
                return new CommandFailed(Exit.UNVERIFIED, "refused", "verification failed: " + check, e);
            }
            if (message.contains("rejected")) {
                return new CommandFailed(Exit.REJECTED, "module-rejected", message, e);
            }
            String trouble = degraded;
            return trouble != null
                    ? new CommandFailed(Exit.UNREACHABLE, "unreachable", message + " (" + trouble + ")", e)
                    : new CommandFailed(Exit.NOT_FOUND, "not-compiled", message, e);
        }
    }
}
