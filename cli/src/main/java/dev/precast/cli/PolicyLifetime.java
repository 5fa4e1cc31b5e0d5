package dev.precast.cli;

import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Option;

/** The option for the validity of what the root signs: a policy, or the appointment of an online key. */
final class PolicyLifetime {
    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "90",
            description = "Days until the signed document expires. Default: ${DEFAULT-VALUE}.")
    private int days;

    Instant end(Common common) {
        return PolicyPlace.now(common).plus(Duration.ofDays(days));
    }
}
