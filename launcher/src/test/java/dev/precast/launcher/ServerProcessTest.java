package dev.precast.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The servers are shell scripts that print where they would listen. */
@Timeout(60)
final class ServerProcessTest {
    private static final String LISTENS = "echo listening on http://127.0.0.1:";
    private static final URI ADDRESS = URI.create("http://127.0.0.1:4711");

    @TempDir
    private Path folder;

    private final List<String> progress = new ArrayList<>();

    private ServerProcess start(String script, Duration grace) throws IOException, InterruptedException {
        return ServerProcess.start(
                "a script",
                new ProcessBuilder("/bin/sh", "-c", script),
                folder.resolve("log"),
                printed -> printed.contains("4711") ? Optional.of(ADDRESS) : Optional.empty(),
                grace,
                progress::add);
    }

    @Test
    void a_long_start_is_reported_every_two_seconds() throws Exception {
        try (ServerProcess server = start("sleep 2.5; " + LISTENS + "4711; exec sleep 60", Duration.ZERO)) {
            assertThat(server.address()).isEqualTo(ADDRESS);
            assertThat(server.port()).isEqualTo(4711);
            assertThat(progress).containsExactly("a script: starting, 2 s so far");
        }
    }

    @Test
    void a_refusal_carries_the_exit_code_and_what_the_server_printed() {
        StartFailedException refused = catchThrowableOfType(
                StartFailedException.class,
                () -> start("seq 1 20; echo the folder is in use >&2; exit 3", Duration.ZERO));

        assertThat(refused.exitCode()).hasValue(3);
        assertThat(refused.printed()).startsWith("1\n").endsWith("20\nthe folder is in use\n");
        assertThat(refused)
                .hasMessageStartingWith("a script: ended with exit code 3; it printed:\n12\n")
                .hasMessageEndingWith("the folder is in use");
    }

    @Test
    void what_an_earlier_server_wrote_into_the_log_is_not_taken_for_this_one() throws Exception {
        start(LISTENS + "4711; exec sleep 60", Duration.ZERO).close();

        StartFailedException refused =
                catchThrowableOfType(StartFailedException.class, () -> start("echo no; exit 1", Duration.ZERO));

        assertThat(refused.printed()).isEqualTo("no\n");
        assertThat(folder.resolve("log")).content().isEqualTo("listening on http://127.0.0.1:4711\nno\n");
    }

    @Test
    void closing_asks_first_and_leaves_no_child() throws Exception {
        ServerProcess server = start(
                "trap 'echo asked; exit 0' TERM; sleep 77.1 & " + LISTENS + "4711; while :; do sleep 0.1; done",
                Duration.ofSeconds(20));
        List<ProcessHandle> children = server.process().descendants().toList();

        server.close();

        assertThat(server.log()).endsWith("asked\n");
        assertThat(server.process().exitValue()).isZero();
        assertEnded(children);
    }

    @Test
    void one_that_does_not_end_when_asked_is_killed() throws Exception {
        ServerProcess server =
                start("trap '' TERM; " + LISTENS + "4711; while :; do sleep 0.1; done", Duration.ofSeconds(1));

        assertThatThrownBy(server::close).hasMessage("a script: still running 1 s after SIGTERM; it was killed");

        assertThat(server.process().exitValue()).isEqualTo(128 + 9);
    }

    @Test
    void children_of_a_killed_server_stay_until_it_is_closed() throws Exception {
        ServerProcess server = start("sleep 77.2 & " + LISTENS + "4711; wait", Duration.ZERO);
        List<ProcessHandle> children = server.process().descendants().toList();

        server.kill();
        assertThat(children).isNotEmpty().allMatch(ProcessHandle::isAlive);
        server.close();

        assertEnded(children);
    }

    private static void assertEnded(List<ProcessHandle> children) {
        assertThat(children)
                .isNotEmpty()
                .allSatisfy(child -> assertThat(child.onExit().orTimeout(10, TimeUnit.SECONDS))
                        .succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void the_packaged_server_gets_its_options_in_order_so_that_the_last_counts() throws Exception {
        Installation installation = new Installation(folder);
        Files.createDirectories(installation.serverJar().getParent());
        Files.writeString(installation.serverJar(), "no jar");

        assertThat(PrecastServer.command(installation, List.of("-Dprecast.slots=1", "-Dprecast.slots=2"))
                        .command())
                .containsSubsequence("-Dprecast.slots=1", "-Dprecast.slots=2", "-jar");
    }
}
