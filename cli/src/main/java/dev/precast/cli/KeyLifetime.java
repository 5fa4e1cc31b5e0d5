package dev.precast.cli;

import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Option;

/** The option for the validity of a signing key. */
final class KeyLifetime {
    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "Days until the key expires. Default: ${DEFAULT-VALUE}.")
    private int days;

    Instant end(Common common) {
        return PolicyPlace.now(common).plus(Duration.ofDays(days));
    }
}
