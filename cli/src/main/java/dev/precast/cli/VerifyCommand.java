package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.DirectorySource;
import dev.precast.host.OfferedPolicy;
import dev.precast.host.folder.ArtifactVerification;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ArtifactFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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

    @Mixin
    private FreshnessOption freshness = new FreshnessOption();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "Signed policy; default trust-policy.dsse.json in the attestation's folder, else the service's. A "
                            + "policy that this option names needs no proof.")
    private @Nullable Path policyFile;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|KEY",
            description = "A file <key digest>.dsse.json with its payload in the same folder, or the digest of a key "
                    + "whose artifact the service has.")
    private List<String> artifacts = List.of();

    VerifyCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        List<ArtifactVerification> verified = new ArrayList<>();
        for (String artifact : artifacts) {
            Path file = Path.of(artifact);
            if (file.endsWith(ArtifactFolder.POLICY) || file.endsWith(ArtifactFolder.CURRENT)) {
                continue; // The user may have named all files of a folder.
            }
            verified.add(
                    Modules.isDigest(artifact)
                            ? fromService(root, Modules.digest(artifact).digest())
                            : fromFile(root, Modules.existing(Path.of(artifact))));
        }
        common.print(
                JsonObject.EMPTY.with(
                        "verified",
                        Json.of(verified.stream().map(VerifyCommand::json).toList())),
                verified.stream().map(VerifyCommand::line).collect(Collectors.joining("\n")));
        return Exit.OK;
    }

    private ArtifactVerification fromFile(TrustRoot root, Path file) throws IOException, RefusedException {
        Digest key = ArtifactFolder.attestedKey(String.valueOf(file.getFileName()))
                .orElseThrow(() -> new CommandFailed(
                        Exit.USAGE,
                        "usage",
                        file + ": expected the file name of an attestation, <key digest>.dsse.json"));
        Path folder = file.toAbsolutePath().getParent();
        TrustPolicy policy = policy(root, folder);
        Attestation attestation = ArtifactVerification.attestation(
                Files.readAllBytes(file), key, policy, common.around().clock());
        Path payload =
                file.resolveSibling(ArtifactFolder.payload(attestation.payload().digest()));
        return ArtifactVerification.payload(
                attestation, policy, Modules.existing(payload), Engines.find(common.around())::entryCheck);
    }

    private TrustPolicy policy(TrustRoot root, @Nullable Path folder) throws IOException, RefusedException {
        if (policyFile != null) {
            return root.open(Files.readAllBytes(Modules.existing(policyFile)), 0);
        }
        Optional<OfferedPolicy> beside =
                folder == null ? Optional.empty() : OfferedPolicy.of(new DirectorySource(folder));
        OfferedPolicy offered = beside.isPresent() ? beside.get() : TrustSetup.offeredPolicy(common.service());
        return offered.open(
                        root, 0, freshness.of(common), common.around().clock().instant())
                .policy();
    }

    private ArtifactVerification fromService(TrustRoot root, Digest key) throws IOException, RefusedException {
        Path folder = Files.createTempDirectory("precast-verify");
        try {
            ServiceClient service = common.service();
            return GetCommand.get(service, GetCommand.folder(common, service, root, freshness, folder), key);
        } finally {
            delete(folder);
        }
    }

    static JsonObject json(ArtifactVerification verified) {
        Attestation attestation = verified.attestation();
        JsonObject json = JsonObject.EMPTY
                .with("key", attestation.key().digest().toString())
                .with("module", attestation.module().toString())
                .with("engine", attestation.lane().engine().toString())
                .with("target", attestation.lane().target().toString())
                .with("format", attestation.format())
                .with("payload", attestation.payload().digest().toString())
                .with("bytes", attestation.payload().size())
                .with("entries", verified.entries())
                .with("pack", attestation.pack().toString())
                .with("builder", attestation.builder())
                .with("runtime", attestation.runtime())
                .with("finishedOn", attestation.finishedOn().toString());
        OptionalInt classes = verified.classes();
        return classes.isPresent() ? json.with("classes", classes.getAsInt()) : json;
    }

    static String line(ArtifactVerification verified) {
        Attestation attestation = verified.attestation();
        return "verified  key " + attestation.key().digest() + "\n  module  " + attestation.module() + "\n  engine  "
                + attestation.lane().engine() + " on " + attestation.lane().target() + ", built by "
                + attestation.builder() + " with " + attestation.runtime() + "\n  payload "
                + attestation.payload().digest() + ", "
                + Units.bytes(attestation.payload().size()) + ", " + entries(verified);
    }

    private static String entries(ArtifactVerification verified) {
        if (verified.attestation().index().isEmpty()) {
            return "digest checked; only an engine can check the content of "
                    + verified.attestation().format();
        }
        return verified.entries() + " entries, "
                + (verified.classes().isPresent()
                        ? "bytecode of " + verified.classes().getAsInt() + " classes checked"
                        : "bytecode not checked: the load side of this engine is not available");
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
