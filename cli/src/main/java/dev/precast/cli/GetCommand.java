package dev.precast.cli;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.MissReason;
import dev.precast.host.PayloadSource;
import dev.precast.host.folder.ArtifactVerification;
import dev.precast.host.folder.DownloadFolder;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description =
                "Downloads an artifact to a folder and verifies it. Hosts can load it from there without a service.")
final class GetCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Mixin
    private LaneChoice choice = new LaneChoice();

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private FreshnessOption freshness = new FreshnessOption();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for the verified files.")
    private Path out = Path.of("");

    @Option(names = "--path", description = "Print only the path of the payload.")
    private boolean pathOnly;

    @Parameters(paramLabel = "MODULE", description = "A file, or a module digest.")
    private String module = "";

    GetCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, RefusedException {
        ModuleDigest digest = Modules.digestOrFile(module);
        TrustSetup.Found root = trust.require(common);
        ServiceClient service = common.service();
        ArtifactKey key = choice.in(service).lane().id().key(digest);
        DownloadFolder folder = folder(common, service, root.root(), freshness, out);
        ArtifactVerification verified = get(service, folder, key.digest());
        String path = folder.file(verified.attestation()).toString();
        JsonObject document =
                VerifyCommand.json(verified).with("folder", out.toString()).with("path", path);
        common.print(document, pathOnly ? path : VerifyCommand.line(verified) + "\n  path    " + path);
        return Exit.OK;
    }

    /** A folder that downloads payloads from the service and shows the progress. */
    static DownloadFolder folder(
            Common common, ServiceClient service, TrustRoot root, FreshnessOption freshness, Path folder) {
        Surroundings around = common.around();
        return new DownloadFolder(
                folder,
                new Shown(around, service),
                root,
                freshness.of(common),
                Engines.find(common.around())::entryCheck,
                around.clock());
    }

    /** The payloads of a service; shows the progress of each download. */
    private record Shown(Surroundings around, ServiceClient service) implements PayloadSource {
        @Override
        public InputStream open(Attestation attestation) throws IOException {
            return shown(attestation, service.open(attestation));
        }

        @Override
        public InputStream openPlain(Attestation attestation) throws IOException {
            return shown(attestation, service.openPlain(attestation));
        }

        @Override
        public boolean reportDamage(Attestation attestation, Duration wait) {
            return service.reportDamage(attestation, wait);
        }

        private InputStream shown(Attestation attestation, InputStream payload) {
            String task = "get " + attestation.key().digest().toString().substring(0, 19);
            return Progress.start(around, task, attestation.payload().size()).during(payload);
        }
    }

    /** Downloads the artifact of a key to the folder. */
    static ArtifactVerification get(ServiceClient service, DownloadFolder folder, Digest key)
            throws IOException, RefusedException {
        DownloadFolder.Policy policy = folder.policy(TrustSetup.offeredPolicy(service));
        return switch (service.compilation(key, Duration.ZERO)) {
            case KeyState.Present(byte[] envelope) -> folder.bring(policy, key, envelope);
            case KeyState other -> throw Problems.failure(new MissReason.NoArtifact(other), "key " + key);
        };
    }
}
