package dev.precast.cli;

import dev.precast.host.Freshness;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that tells whether the first policy of a root must be proven to be current. */
final class FreshnessOption {
    @Option(
            names = "--freshness",
            paramLabel = "on|off",
            description = "Whether the first policy in a folder or cache must be proven to be current; not with a "
                    + "--trust-root that has a version. Default: PRECAST_FRESHNESS, else on.")
    private @Nullable String freshness;

    /** @throws CommandFailed if the option or the environment variable is neither on nor off */
    Freshness of(Common common) {
        String text = freshness != null
                ? freshness
                : common.around().variable(Freshness.VARIABLE).orElse("on");
        try {
            return Freshness.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.USAGE, "usage", "--freshness: expected on or off, found " + text, e);
        }
    }
}
