package dev.precast.cli;

import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The place of a signed policy (a file or the service), and the root key that signs the next version. */
final class PolicyPlace {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "File with the signed policy; commands that change the policy replace it. Default: the "
                    + "service's policy.")
    private @Nullable Path file;

    @Option(
            names = "--root-key",
            paramLabel = "FILE",
            description = "Secret key of the trust root. Default: trust/root.key in the data folder.")
    private @Nullable Path rootKey;

    @Nullable
    Path file() {
        return file;
    }

    SigningKey root(Common common) throws IOException {
        return TrustSetup.secret(
                rootKey != null ? rootKey : common.data().resolve("trust").resolve("root.key"));
    }

    byte[] read(Common common) throws IOException {
        return file != null ? Files.readAllBytes(Modules.existing(file)) : TrustSetup.signedPolicy(common.service());
    }

    /** A signed policy. * * @param policy the policy * @param json its JSON in the envelope */
    record Signed(TrustPolicy policy, JsonObject json) {}

    /** Signs a changed policy as the next version, and replaces the present one. */
    Signed replace(Common common, UnaryOperator<TrustPolicy> change) throws IOException, RefusedException {
        SigningKey root = root(common);
        TrustPolicy old = new TrustRoot(root.verifyingKey()).open(read(common), 0);
        TrustPolicy changed = change.apply(old);
        Instant now = now(common);
        TrustPolicy next = new TrustPolicy(
                old.version() + 1,
                now,
                changed.expiresAt(),
                changed.grace(),
                changed.keys(),
                changed.floors(),
                changed.deniedDigests(),
                changed.extraMembers());
        Envelope envelope = next.sign(root);
        write(common, envelope);
        return new Signed(next, json(envelope.toJson(), new TrustRoot(root.verifyingKey())));
    }

    void write(Common common, Envelope envelope) throws IOException {
        if (file == null) {
            common.service().publishTrust(envelope.toJson());
            return;
        }
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".policy-", "");
        Files.write(part, envelope.toJson());
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static Instant now(Common common) {
        return common.around().clock().instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Prints the policy as JSON or as lines for people. */
    static void print(Common common, Signed signed) {
        TrustPolicy policy = signed.policy();
        StringBuilder lines =
                new StringBuilder("policy version " + policy.version() + ", issued " + policy.issuedAt() + ", expires "
                        + policy.expiresAt() + ", grace " + policy.grace().toDays() + " days");
        policy.keys().forEach(key -> lines.append("\n").append(TrustKeysCommand.line(key)));
        policy.floors().forEach(floor -> lines.append("\n  floor  ").append(floor));
        policy.deniedDigests().stream()
                .sorted()
                .forEach(denied -> lines.append("\n  denied ").append(denied));
        policy.extraMembers().stream()
                .sorted()
                .forEach(member -> lines.append("\n  member ").append(member));
        common.print(JsonObject.EMPTY.with("policy", signed.json()), lines.toString());
    }

    /** Verifies an envelope with {@code root} and returns its JSON. */
    static JsonObject json(byte[] envelope, TrustRoot root) throws RefusedException {
        return Json.parse(Envelope.parse(envelope).open(root.key())).asObject("policy");
    }
}
