package dev.precast.cli;

import dev.precast.attestation.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option for the secret key of the trust root. */
final class RootKey {
    @Option(
            names = "--root-key",
            paramLabel = "FILE",
            description = "Secret key of the trust root. Default: trust/root.key in the data folder.")
    private @Nullable Path file;

    SigningKey read(Common common) throws IOException {
        return TrustSetup.secret(
                file != null ? file : common.data().resolve("trust").resolve("root.key"));
    }
}
