package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real children with the programs that start before their commands. */
class WaysTest {
    private static final Limits LIMITS = new Limits(64, 400, 30, 60, 4);

    @TempDir
    Path parent;

    private ChildFolder folder;

    @BeforeEach
    void needs_gates() throws IOException {
        assumeTrue(Supervision.ofThisProcess().way() != Way.DIRECT);
        folder = ChildFolder.in(parent);
    }

    @Test
    void limits_hold_from_the_first_instruction() throws Exception {
        // CPU seconds, blocks of 512 bytes of a file, of a core, open files.
        assertThat(shell("ulimit -t; ulimit -f; ulimit -c; ulimit -n").out()).isEqualTo("31\n8192\n0\n4096\n");
    }

    @Test
    void the_environment_is_empty() throws Exception {
        assertThat(exited(List.of("/usr/bin/env")).out().lines().filter(line -> !line.startsWith("_=")))
                .isEmpty();
    }

    @Test
    void exit_codes_signals_and_output_are_those_of_the_command() throws Exception {
        assertThat(shell("exit 7").code()).isEqualTo(7);
        assertThat(shell("exit 255").code()).isEqualTo(255);
        for (int signal : new int[] {6, 9, 11, 15, 24}) {
            ChildProcess.Exited exited = shell("kill -" + signal + " $$");
            assertThat(exited.code()).isEqualTo(128 + signal);
            assertThat(exited.err())
                    .as("remarks of the shell before the command")
                    .isEmpty();
        }
        assertThat(shell("echo out; echo err >&2"))
                .returns("out\n", ChildProcess.Exited::out)
                .returns("err\n", ChildProcess.Exited::err);
    }

    @Test
    void arguments_arrive_as_they_are() throws Exception {
        String odd = "$(echo x) 'y' \"z\" \\ * ;&\n";
        assertThat(exited(List.of("/usr/bin/printf", "%s|", odd, "", "-")).out())
                .isEqualTo(odd + "||-|");
    }

    @Test
    void the_gate_is_closed_for_the_command() throws Exception {
        ChildProcess.Exited exited = run(
                Caller.command(List.of(
                        new Caller.Attempt(SystemCalls.UNSHARE, String.valueOf(0x78000000)),
                        new Caller.Attempt(SystemCalls.KILL, Integer.MAX_VALUE + " 0"))),
                ChildProcess.Exited.class);
        assertThat(exited.out()).as(exited.err()).isEqualTo("unshare=-38\nkill=-38\n");
    }

    @Test
    void a_command_of_many_threads_is_ended() throws Exception {
        List<String> command = new ArrayList<>(Caller.command(List.of()));
        command.set(command.size() - 1, Caller.Threads.class.getName());
        assertThat(run(command, ChildProcess.Killed.class))
                .isEqualTo(new ChildProcess.Killed(
                        Cause.CRASH, "child: more than " + ChildProcess.MAX_THREADS + " threads"));
    }

    @Test
    void a_child_is_in_namespaces_of_its_own_and_the_first_to_be_killed() throws Exception {
        requireNamespaces();
        String marker = "78.111";
        Thread child = Thread.ofPlatform().start(() -> {
            try {
                shell("sleep " + marker);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        Path sleeping =
                await().atMost(Duration.ofSeconds(20)).until(() -> running("sleep\0" + marker), found -> found != null);
        for (String namespace : List.of("user", "net", "ipc", "pid")) {
            assertThat(Files.readSymbolicLink(sleeping.resolve("ns/" + namespace)))
                    .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)));
        }
        assertThat(sleeping.resolve("oom_score_adj")).hasContent("1000");
        child.interrupt();
        child.join();
        assertThat(sleeping).doesNotExist();
    }

    @Test
    void a_child_names_no_process_outside() throws Exception {
        requireNamespaces();
        ChildProcess.Exited exited =
                shell("echo $PPID; kill -0 " + ProcessHandle.current().pid());
        assertThat(exited.out()).isEqualTo("1\n");
        assertThat(exited.err()).contains("No such process");
    }

    @Test
    void a_chain_of_processes_that_fork_and_exit_ends_with_its_child() throws Exception {
        requireNamespaces();
        String marker = "78.222";
        Files.writeString(folder.path().resolve("chain.sh"), "setsid sh ./chain.sh " + marker + " & exit");
        shell("sh ./chain.sh " + marker + "; sleep 0.5");
        assertThat(running(marker)).isNull();
    }

    private static void requireNamespaces() {
        assumeTrue(Supervision.ofThisProcess().way() == Way.NAMESPACES);
    }

    /** The folder in /proc of a process whose command line contains a text; null if there is none. */
    private static Path running(String text) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process ->
                            Character.isDigit(process.getFileName().toString().charAt(0)))
                    .filter(process -> commandLine(process).contains(text)
                            && !commandLine(process).contains("unshare"))
                    .filter(process -> !commandLine(process).startsWith("/bin/sh"))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException e) {
            return ""; // The process has ended.
        }
    }

    private ChildProcess.Exited shell(String script) throws Exception {
        return exited(List.of("/bin/sh", "-c", script));
    }

    private ChildProcess.Exited exited(List<String> command) throws Exception {
        return run(command, ChildProcess.Exited.class);
    }

    private <T extends ChildProcess.Result> T run(List<String> command, Class<T> type) throws Exception {
        ChildProcess.Result result = new ChildProcess(
                        folder, List.of(Caller.classes(), Caller.classesOf(SystemCall.class)), LIMITS)
                .run(command);
        assertThat(result).isInstanceOf(type);
        return type.cast(result);
    }
}
