package dev.precast.cli;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.host.MissReason;
import dev.precast.host.folder.ArtifactVerification;
import dev.precast.host.folder.FolderSync;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "sync",
        description = {
            "Synchronizes a folder with a list of modules: as an init container with --once, otherwise as a sidecar.",
            "synced.json names the file of each module; it is replaced before unlisted files are deleted.",
            "Files of an older lane that matches --engine and --target stay until the newest lane has the module too."
        })
final class SyncCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Mixin
    private LaneChoice choice = new LaneChoice();

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private FreshnessOption freshness = new FreshnessOption();

    @Option(
            names = "--list",
            required = true,
            paramLabel = "FILE",
            description = "File with one module digest per line; # starts a comment. Read again in each pass.")
    private Path list = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for the verified files.")
    private Path out = Path.of("");

    @Option(
            names = "--ready",
            paramLabel = "FILE",
            description = "File that exists as long as the folder has a file for every module on the list.")
    private @Nullable Path ready;

    @Option(names = "--request", description = "Request compilations of missing artifacts.")
    private boolean request;

    @Option(
            names = "--once",
            description =
                    "End when the folder has the artifact of every module that is not rejected, or after --timeout.")
    private boolean once;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "With --once: how long to try. Default: one pass.")
    private long timeout;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Time between passes; with --once, at most 2. Default: ${DEFAULT-VALUE}.")
    private long every;

    /** The modules when the list was last read successfully. */
    private @Nullable Set<ModuleDigest> wanted;

    SyncCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, InterruptedException {
        TrustSetup.Found root = trust.require(common);
        ServiceClient service = common.service();
        FolderSync folder = new FolderSync(
                service, GetCommand.folder(common, service, root.root(), freshness, out), choice::fits, request);
        setReady(false);
        Instant end = common.around().clock().instant().plusSeconds(timeout);
        while (true) {
            Pass pass = pass(service, folder);
            setReady(pass.ready());
            boolean last = once && (!pass.pending() || overAt(end));
            if (last || !once) {
                common.print(pass.toJson(), pass.line());
            }
            if (last) {
                return pass.exit();
            }
            Thread.sleep(Duration.ofSeconds(once ? Math.min(2, every) : Math.max(1, every)));
        }
    }

    private boolean overAt(Instant end) {
        return !common.around().clock().instant().isBefore(end);
    }

    /**
     * Runs one pass. Failures become the result of the pass, so that a sidecar survives an unavailable service or a
     * malformed list.
     */
    private Pass pass(ServiceClient service, FolderSync folder) throws IOException {
        try {
            wanted = new LinkedHashSet<>(Modules.listed(list));
        } catch (CommandFailed e) {
            if (once) {
                throw e;
            }
            return wanted == null
                    ? new Pass(
                            e.exit(),
                            1,
                            0,
                            true,
                            List.of(e.text())) // The list was never read, so nothing is known to be present.
                    : pass(service, folder, wanted).byLastList(e);
        }
        return pass(service, folder, wanted);
    }

    private Pass pass(ServiceClient service, FolderSync folder, Set<ModuleDigest> wanted) throws IOException {
        try {
            LaneId lane = choice.in(service).lane().id();
            return Pass.of(wanted, folder.pass(wanted, TrustSetup.offeredPolicy(service), lane));
        } catch (CommandFailed e) {
            return failed(folder, wanted, e.exit(), e.text());
        } catch (ServiceException e) {
            CommandFailed failure = Problems.failure(e);
            return failed(folder, wanted, failure.exit(), failure.text());
        } catch (RefusedException e) {
            return failed(folder, wanted, Exit.UNVERIFIED, "verification failed: " + e.getMessage());
        } catch (IOException e) {
            return failed(folder, wanted, Exit.OTHER, out + ": cannot write: " + e);
        }
    }

    private static Pass failed(FolderSync folder, Set<ModuleDigest> wanted, Exit exit, String why) throws IOException {
        return new Pass(exit, wanted.size(), folder.kept(wanted), true, List.of(why));
    }

    /**
     * The printed result of a pass.
     *
     * @param exit OK if the newest lane has every module, otherwise the exit code of the worst reason
     * @param wanted number of modules on the list
     * @param present number of these modules with a verified file in the folder, of the newest lane or an older one
     * @param pending whether a later pass may bring an artifact that is missing now; false if all missing ones are of
     *     rejected modules
     * @param missing one line for each module that the newest lane lacks, or for another failure
     */
    private record Pass(Exit exit, int wanted, int present, boolean pending, List<String> missing) {
        private static final List<Exit> FROM_BAD_TO_WORSE =
                List.of(Exit.OK, Exit.NOT_FOUND, Exit.REJECTED, Exit.UNREACHABLE, Exit.OTHER, Exit.UNVERIFIED);

        static Pass of(Set<ModuleDigest> wanted, FolderSync.Pass pass) {
            Exit worst = Exit.OK;
            boolean pending = false;
            List<String> missing = new ArrayList<>();
            for (Map.Entry<ModuleDigest, MissReason> each : pass.missing().entrySet()) {
                CommandFailed failure =
                        Problems.failure(each.getValue(), each.getKey().toString());
                ArtifactVerification kept = pass.present().get(each.getKey());
                missing.add(failure.text()
                        + (kept == null
                                ? ""
                                : "; the file of " + kept.attestation().lane().engine() + " stays"));
                pending |= failure.exit() != Exit.REJECTED;
                worst = FROM_BAD_TO_WORSE.indexOf(failure.exit()) > FROM_BAD_TO_WORSE.indexOf(worst)
                        ? failure.exit()
                        : worst;
            }
            return new Pass(worst, wanted.size(), pass.present().size(), pending, missing);
        }

        /** Whether the folder has a file of every module on the list. */
        boolean ready() {
            return present == wanted;
        }

        /** A copy that reports that the list could not be read. */
        Pass byLastList(CommandFailed why) {
            List<String> all = new ArrayList<>(missing);
            all.add(why.text() + "; using the last list that was read");
            return new Pass(exit == Exit.OK ? why.exit() : exit, wanted, present, pending, all);
        }

        JsonObject toJson() {
            return JsonObject.EMPTY
                    .with("present", present)
                    .with("missing", Json.ofStrings(missing))
                    .with("exit", exit.code());
        }

        String line() {
            return present + " present, " + missing.size() + " missing"
                    + (missing.isEmpty() ? "" : "\n  " + String.join("\n  ", missing));
        }
    }

    private void setReady(boolean is) throws IOException {
        if (ready == null) {
            return;
        }
        if (is) {
            Files.writeString(ready, "ready\n");
        } else {
            Files.deleteIfExists(ready);
        }
    }
}
