package dev.precast.cli;

import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The place of a signed policy (a file or the service), and the root key that signs the next version. */
final class PolicyPlace {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "File with the signed policy; commands that change the policy replace it. Default: the "
                    + "service's policy.")
    private @Nullable Path file;

    @Mixin
    private RootKey rootKey = new RootKey();

    @Nullable
    Path file() {
        return file;
    }

    SigningKey root(Common common) throws IOException {
        return rootKey.read(common);
    }

    byte[] read(Common common) throws IOException {
        return file != null ? Files.readAllBytes(Modules.existing(file)) : TrustSetup.signedPolicy(common.service());
    }

    /**
     * A signed policy.
     *
     * @param policy the policy
     * @param json its JSON in the envelope
     */
    record Signed(TrustPolicy policy, JsonObject json) {}

    /**
     * Signs a changed policy as the next version, and replaces the present one.
     *
     * @throws RefusedException if the root did not sign the present policy, or the service proves another one
     */
    Signed replace(Common common, UnaryOperator<TrustPolicy> change) throws IOException, RefusedException {
        SigningKey root = root(common);
        TrustPolicy old = present(common, new TrustRoot(root.verifyingKey()));
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

    /**
     * The present policy. The root signs what is changed in it again, so an old policy of a service, with keys that
     * were revoked since, must not pass for the present one.
     */
    private TrustPolicy present(Common common, TrustRoot root) throws IOException, RefusedException {
        byte[] envelope = read(common);
        TrustPolicy policy = root.open(envelope, 0);
        if (file != null) {
            return policy;
        }
        byte[] proof = common.service().current().orElse(null);
        if (proof != null) {
            FreshnessProof.Verified verified = FreshnessProof.parse(proof).verify(root, 0);
            verified.requireInForce(common.around().clock().instant());
            verified.requireCurrent(envelope, policy);
            return policy;
        }
        common.around()
                .err()
                .println("precast: policy " + policy.version() + " of the service: no online key has signed that it is"
                        + " current; make sure that you never published a higher version");
        return policy;
    }

    void write(Common common, Envelope envelope) throws IOException {
        if (file == null) {
            common.service().publishTrust(envelope.toJson());
            return;
        }
        write(file, envelope.toJson());
    }

    /** Writes a signed document; replaces an existing file atomically. */
    static void write(Path file, byte[] document) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".signed-", "");
        Files.write(part, document);
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
