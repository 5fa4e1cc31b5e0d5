package dev.precast.cli;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.OfferedPolicy;
import dev.precast.host.service.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Finds the trust root: in an option, an environment variable or the data folder, but never asks the service. */
final class TrustSetup {
    @Option(
            names = "--trust-root",
            paramLabel = "FILE|KEY[@VERSION]",
            description = "Public key of the trust root, and the lowest policy version to accept; default "
                    + "PRECAST_TRUST_ROOT, else trust/root.pub in the data folder.")
    private @Nullable String root;

    /** A trust root and where it was found. */
    record Found(TrustRoot root, String from) {}

    /** @throws CommandFailed if there is none, or it is not a key */
    Found require(Common common) {
        return find(common)
                .orElseThrow(() -> new CommandFailed(
                        Exit.UNVERIFIED,
                        "no-trust-root",
                        "trust root: not found; use --trust-root, PRECAST_TRUST_ROOT or, for an embedded service, "
                                + "--data (looked for "
                                + embedded(common) + ")"));
    }

    Optional<Found> find(Common common) {
        String named = root != null
                ? root
                : common.around().variable("PRECAST_TRUST_ROOT").orElse(null);
        if (named != null) {
            return Optional.of(read(named));
        }
        Path embedded = embedded(common);
        return Files.isReadable(embedded) ? Optional.of(read(embedded.toString())) : Optional.empty();
    }

    static Path embedded(Common common) {
        return common.data().resolve("trust").resolve("root.pub");
    }

    private static Found read(String named) {
        try {
            return new Found(TrustRoot.read(named), named);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.USAGE, "bad-trust-root", String.valueOf(e.getMessage()), e);
        }
    }

    /** Reads the root's private key. */
    static SigningKey secret(Path file) throws IOException {
        try {
            return SigningKey.parse(Files.readString(Modules.existing(file)));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.OTHER, "bad-key-file", file + ": " + e.getMessage(), e);
        }
    }

    /** Gets the service's policy in its envelope. */
    static byte[] signedPolicy(ServiceClient service) throws IOException {
        return service.trust().orElseThrow(() -> noPolicy(service));
    }

    /** Gets the service's policy with the proof that it is current. */
    static OfferedPolicy offeredPolicy(ServiceClient service) throws IOException {
        return OfferedPolicy.of(service).orElseThrow(() -> noPolicy(service));
    }

    private static CommandFailed noPolicy(ServiceClient service) {
        return new CommandFailed(Exit.NOT_FOUND, "no-policy", service.address() + ": the service has no trust policy");
    }
}
