package dev.precast.cli;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = "Downloads and verifies an artifact; hosts load it from the folder without a service.")
final class GetCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Mixin
    private LaneChoice choice = new LaneChoice();

    @Mixin
    private TrustSetup trust = new TrustSetup();

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
        ArtifactDownload download = new ArtifactDownload(common, service, root.root(), out);
        Verification verified = download.get(download.policy(), key.digest());
        String path = download.file(verified.attestation()).toString();
        JsonObject document = verified.toJson().with("folder", out.toString()).with("path", path);
        common.print(document, pathOnly ? path : verified.line() + "\n  path    " + path);
        return Exit.OK;
    }
}
