package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Verifies artifacts completely: attestation, payload, index, every entry and its bytecode.")
final class VerifyCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "Signed policy; default trust-policy.dsse.json in the attestation's folder, else the service's.")
    private @Nullable Path policyFile;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|KEY",
            description =
                    "A file <key digest>.dsse.json with its payload in the same folder, or a key digest that the service has.")
    private List<String> artifacts = List.of();

    VerifyCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        List<Verification> verified = new ArrayList<>();
        for (String artifact : artifacts) {
            if (Path.of(artifact).endsWith(ArtifactDownload.POLICY)) {
                continue; // named along with the attestations beside it
            }
            verified.add(
                    Modules.isDigest(artifact)
                            ? fromService(root, Modules.digest(artifact).digest())
                            : fromFile(root, Modules.existing(Path.of(artifact))));
        }
        common.print(
                dev.precast.json.JsonObject.EMPTY.with(
                        "verified",
                        Json.of(verified.stream().map(Verification::toJson).toList())),
                verified.stream().map(Verification::line).collect(Collectors.joining("\n")));
        return Exit.OK;
    }

    private Verification fromFile(TrustRoot root, Path file) throws IOException, RefusedException {
        String name = String.valueOf(file.getFileName());
        String hex = name.endsWith(ArtifactDownload.ATTESTATION)
                ? name.substring(0, name.length() - ArtifactDownload.ATTESTATION.length())
                : "";
        if (!Modules.isDigest(hex)) {
            throw new CommandFailed(
                    Exit.USAGE, "usage", file + ": expected <key digest>.dsse.json, which says what it must be about");
        }
        Path folder = file.toAbsolutePath().getParent();
        TrustPolicy policy = policy(root, folder);
        Attestation attestation = Verification.attestation(
                Files.readAllBytes(file),
                new Digest(hex),
                policy,
                common.around().clock());
        Path payload = file.resolveSibling(attestation.payload().digest().hex());
        return Verification.payload(attestation, policy, Modules.existing(payload));
    }

    private TrustPolicy policy(TrustRoot root, @Nullable Path folder) throws IOException, RefusedException {
        if (policyFile != null) {
            return root.open(Files.readAllBytes(Modules.existing(policyFile)), 0);
        }
        Path beside = folder == null ? null : folder.resolve(ArtifactDownload.POLICY);
        return beside != null && Files.isRegularFile(beside)
                ? root.open(Files.readAllBytes(beside), 0)
                : TrustSetup.policyOf(common.service(), root);
    }

    private Verification fromService(TrustRoot root, Digest key) throws IOException, RefusedException {
        Path folder = Files.createTempDirectory("precast-verify");
        try {
            ArtifactDownload download = new ArtifactDownload(common, common.service(), root, folder);
            return download.get(download.policy(), key);
        } finally {
            delete(folder);
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
