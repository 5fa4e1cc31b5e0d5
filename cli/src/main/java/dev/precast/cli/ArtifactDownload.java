package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Brings one artifact into a folder in the layout of the host client's {@code DirectorySource}: {@code <key
 * digest>.dsse.json}, {@code <payload digest>}, {@code trust-policy.dsse.json}. Nothing stands under its name before it
 * is verified.
 */
final class ArtifactDownload {
    static final String POLICY = "trust-policy.dsse.json";
    static final String ATTESTATION = ".dsse.json";

    private final Common common;
    private final Service service;
    private final TrustRoot root;

    ArtifactDownload(Common common, Service service, TrustRoot root) {
        this.common = common;
        this.service = service;
        this.root = root;
    }

    /** @throws RefusedException if what the service sends is not what was signed for that key */
    Verification to(Path folder, Digest key) throws IOException, RefusedException {
        byte[] policyBytes = service.get("/v1/trust").body();
        TrustPolicy policy = root.open(policyBytes, 0);
        JsonObject state = service.get("/v1/compilations/" + key).json();
        if (!state.string("state").equals("present")) {
            throw new CommandFailed(
                    Exit.NOT_FOUND, "not-compiled", "key " + key + " is " + state.string("state") + ", not compiled");
        }
        byte[] envelope = Service.bytes(state.object("attestation"));
        Attestation attestation =
                Verification.attestation(envelope, key, policy, common.around().clock());
        Files.createDirectories(folder);
        Path part = Files.createTempFile(folder, ".part-", "");
        try {
            service.download(
                    state.string("href"),
                    part,
                    attestation.payload().size(),
                    "get " + key.toString().substring(0, 19));
            Verification verified = Verification.payload(attestation, part);
            place(part, folder.resolve(attestation.payload().digest().hex()));
            write(folder, POLICY, policyBytes);
            write(folder, key.hex() + ATTESTATION, envelope);
            return verified;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void write(Path folder, String name, byte[] bytes) throws IOException {
        Path part = Files.createTempFile(folder, ".part-", "");
        try {
            Files.write(part, bytes);
            place(part, folder.resolve(name));
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void place(Path part, Path name) throws IOException {
        Files.move(part, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
