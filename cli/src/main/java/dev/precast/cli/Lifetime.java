package dev.precast.cli;

import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Option;

/** The option for the validity of a new policy or key. */
final class Lifetime {
    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "Days until the key (keys add) or the policy expires. Default: ${DEFAULT-VALUE}.")
    private int days = 365;

    Instant end(Common common) {
        return PolicyPlace.now(common).plus(Duration.ofDays(days));
    }
}
