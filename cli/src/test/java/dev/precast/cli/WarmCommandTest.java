package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WarmCommandTest {
    private static final String MODULE = "sha256:" + "0".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "--group edge, --used-within",
        "--all-lanes --lane sha256:1, found both",
        "--cancel 1, cannot be combined with modules",
    })
    void conflicting_options_are_refused_before_any_request(String options, String why) {
        CommandLineRun run = CommandLineRun.of(("warm " + MODULE + " " + options).split(" ", -1));

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains(why);
    }
}
