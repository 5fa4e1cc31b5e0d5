package dev.precast.cli;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.VerifyingKey;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "online", description = "The online key, which signs that a policy is current. The root appoints it.")
final class TrustOnlineCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "trust online: missing subcommand (expected create, appoint, publish, sign or show)");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Creates online.key (secret, 0600) and online.pub; appoint online.pub.")
    Exit create(
            @Mixin Common common,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for both files.")
                    Path out)
            throws IOException {
        SigningKey key = SigningKey.generate();
        TrustCommand.writePair(out, "online", key);
        common.print(
                TrustCommand.describe(key.verifyingKey()).with("folder", out.toString()),
                "online key " + key.verifyingKey().id() + "\n  " + out.resolve("online.key")
                        + " is secret, for API nodes\n  " + out.resolve("online.pub") + " is for the root to appoint: "
                        + key.verifyingKey());
        return Exit.OK;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Signs an appointment of an online key with the root key. Appoint the key again before the "
                    + "appointment expires, or appoint another key to replace a stolen one.")
    Exit appoint(
            @Mixin Common common,
            @Parameters(paramLabel = "FILE|KEY", description = "The public online key.") String key,
            @Mixin RootKey rootKey,
            @Mixin PolicyLifetime lifetime,
            @Option(
                            names = "--number",
                            paramLabel = "N",
                            description = "Version of the appointment. Default: one more than that in the file of "
                                    + "--out, or 1.")
                    @Nullable
                    Long number,
            @Option(
                            names = "--out",
                            required = true,
                            paramLabel = "FILE",
                            description = "File for the appointment. A file with an earlier appointment is replaced.")
                    Path out)
            throws IOException, RefusedException {
        VerifyingKey appointed = TrustKeysCommand.publicKey(key);
        SigningKey secret = rootKey.read(common);
        TrustRoot root = new TrustRoot(secret.verifyingKey());
        long next = number != null ? number : earlier(out, root) + 1;
        Appointment appointment = new Appointment(next, appointed, PolicyPlace.now(common), lifetime.end(common));
        byte[] envelope = appointment.sign(secret).toJson();
        Appointment.open(envelope, root, 0);
        PolicyPlace.write(out, envelope);
        common.print(json(appointment), line(appointment) + "\n  written to " + out);
        return Exit.OK;
    }

    /** The version of the appointment in a file; 0 if the file does not exist. */
    private static long earlier(Path file, TrustRoot root) throws IOException, RefusedException {
        return Files.exists(file)
                ? Appointment.open(Files.readAllBytes(Modules.existing(file)), root, 0)
                        .version()
                : 0;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Sends an appointment of an online key to the service, or a proof that was signed elsewhere.")
    Exit publish(
            @Mixin Common common,
            @Parameters(paramLabel = "FILE", description = "The appointment, or the proof.") Path file)
            throws IOException {
        common.service().publishCurrent(Files.readAllBytes(Modules.existing(file)));
        common.print(JsonObject.EMPTY.with("published", file.toString()), "published " + file);
        return Exit.OK;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Signs with the online key that a policy is current, and writes the proof to a file. API "
                    + "nodes do this themselves; this is for folders of artifacts without a service.")
    Exit sign(
            @Mixin Common common,
            @Mixin TrustSetup trust,
            @Option(names = "--key", required = true, paramLabel = "FILE", description = "The secret online key.")
                    Path key,
            @Option(
                            names = "--appointment",
                            required = true,
                            paramLabel = "FILE",
                            description = "The appointment of the key.")
                    Path appointment,
            @Option(names = "--policy", required = true, paramLabel = "FILE", description = "The signed policy.")
                    Path policy,
            @Option(
                            names = "--hours",
                            paramLabel = "N",
                            defaultValue = "24",
                            description = "Hours until the proof expires, at most 168. Default: ${DEFAULT-VALUE}.")
                    int hours,
            @Option(names = "--out", required = true, paramLabel = "FILE", description = "File for the proof.")
                    Path out)
            throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        Instant now = PolicyPlace.now(common);
        byte[] envelope = Files.readAllBytes(Modules.existing(policy));
        CurrentPolicy statement = CurrentPolicy.about(envelope, root, now, Duration.ofHours(hours));
        FreshnessProof proof = new FreshnessProof(envelope(appointment), statement.sign(TrustSetup.secret(key)));
        FreshnessProof.Verified verified = proof.verify(root, 0);
        verified.requireInForce(now);
        verified.requireCurrent(envelope, root.open(envelope, 0));
        PolicyPlace.write(out, proof.toJson());
        print(common, verified);
        return Exit.OK;
    }

    private static Envelope envelope(Path file) throws IOException {
        try {
            return Envelope.parse(Files.readAllBytes(Modules.existing(file)));
        } catch (JsonException e) {
            throw new CommandFailed(Exit.UNVERIFIED, "bad-appointment", file + ": " + e.getMessage(), e);
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Verifies the proof that the service's policy is current, and shows it.")
    Exit show(
            @Mixin Common common,
            @Mixin TrustSetup trust,
            @Option(
                            names = "--proof",
                            paramLabel = "FILE",
                            description = "File with the proof. Default: the service's.")
                    @Nullable
                    Path file)
            throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        byte[] proof = file != null
                ? Files.readAllBytes(Modules.existing(file))
                : common.service()
                        .current()
                        .orElseThrow(() -> new CommandFailed(
                                Exit.NOT_FOUND,
                                "no-proof",
                                common.server() + ": no online key has signed that the policy is current; publish an "
                                        + "appointment of the service's online key"));
        FreshnessProof.Verified verified = FreshnessProof.parse(proof).verify(root, 0);
        print(common, verified);
        verified.requireInForce(common.around().clock().instant());
        return Exit.OK;
    }

    private static void print(Common common, FreshnessProof.Verified verified) {
        CurrentPolicy statement = verified.statement();
        common.print(
                JsonObject.EMPTY
                        .with(
                                "statement",
                                JsonObject.EMPTY
                                        .with("version", statement.version())
                                        .with("policy", statement.policy().toString())
                                        .with("issuedAt", statement.issuedAt().toString())
                                        .with("expiresAt", statement.expiresAt().toString()))
                        .with("appointment", json(verified.appointment())),
                "policy version " + statement.version() + " is current, signed " + statement.issuedAt()
                        + ", valid until " + statement.expiresAt() + "\n  " + line(verified.appointment()));
    }

    private static JsonObject json(Appointment appointment) {
        return TrustCommand.describe(appointment.key())
                .with("version", appointment.version())
                .with("issuedAt", appointment.issuedAt().toString())
                .with("expiresAt", appointment.expiresAt().toString());
    }

    private static String line(Appointment appointment) {
        return "appointment " + appointment.version() + " of online key "
                + appointment.key().id() + ", valid until " + appointment.expiresAt();
    }
}
