package dev.precast.cli;

import dev.precast.module.ModuleFacts;
import java.time.Duration;

/**
 * What a compilation by the default profile costs in CPU time, estimated: linear in the bytes of code and the number of
 * functions. Fitted by least squares of the relative error on the corpus; docs/design/cli.md says how and how well.
 */
final class CompileCost {
    private static final double START_MS = 720;
    private static final double MS_PER_MB_OF_CODE = 760;
    private static final double MS_PER_1000_FUNCTIONS = 215;

    private CompileCost() {}

    static Duration estimate(ModuleFacts.Code code) {
        double ms = START_MS + MS_PER_MB_OF_CODE * code.bytes() / 1e6 + MS_PER_1000_FUNCTIONS * code.functions() / 1e3;
        return Duration.ofMillis(Math.round(ms));
    }
}
