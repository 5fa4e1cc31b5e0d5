package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
    @TempDir
    private Path folder;

    @Test
    void help_lists_every_command_and_succeeds() {
        CommandLineRun help = CommandLineRun.of("--help");

        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains(
                        "serve",
                        "push",
                        "compile",
                        "get",
                        "run",
                        "inspect",
                        "engines",
                        "pack-digest",
                        "trust",
                        "verify",
                        "doctor",
                        "bench",
                        "demo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "push", "push --nonsense x", "trust", "trust keys", "get x", "compile"})
    void an_invalid_command_line_ends_with_2(String line) {
        CommandLineRun run = CommandLineRun.of(line.isEmpty() ? new String[0] : line.split(" ", -1));

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("precast: ").contains("--help");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void a_file_that_is_missing_ends_with_3() {
        assertThat(CommandLineRun.of("push", folder.resolve("none.wasm").toString())
                        .exit())
                .isEqualTo(3);
        assertThat(CommandLineRun.of("inspect", folder.resolve("none.wasm").toString())
                        .exit())
                .isEqualTo(3);
    }

    @Test
    void bytes_that_are_no_wasm_end_with_4() throws Exception {
        Path file = Files.writeString(folder.resolve("x.wasm"), "not wasm at all");

        assertThat(CommandLineRun.of("inspect", file.toString()).exit()).isEqualTo(4);
        assertThat(CommandLineRun.of("push", file.toString()).exit()).isEqualTo(4);
    }

    @Test
    void an_unreachable_service_ends_with_6() {
        CommandLineRun run = CommandLineRun.of("engines");

        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.err()).contains("http://127.0.0.1:9").contains("precast serve");
    }

    @Test
    void with_json_an_error_is_one_JSON_document() {
        JsonObject error = CommandLineRun.of("engines", "--json").json().object("error");

        assertThat(error.string("code")).isEqualTo("unreachable");
        assertThat(error.integer("exit", 0, 255)).isEqualTo(6);
        assertThat(CommandLineRun.of("push", "--json").json().object("error").integer("exit", 0, 255))
                .isEqualTo(2);
    }

    @Test
    void a_stack_trace_is_shown_only_on_demand() {
        assertThat(CommandLineRun.of("engines").err()).doesNotContain("\tat ");
        assertThat(CommandLineRun.at(CommandLineRun.NOW, Map.of("PRECAST_DEBUG", "1"), "engines")
                        .err())
                .contains("\tat ");
    }

    @Test
    void a_server_that_is_no_address_is_a_usage_error() {
        CommandLineRun run = CommandLineRun.of("engines", "--server", "nowhere:1");

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("nowhere:1");
    }
}
