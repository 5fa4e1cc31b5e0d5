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
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real children that do what a taken-over compiler could do. */
class HostileChildTest {
    private static final Limits LIMITS = new Limits(64, 200, 30, 120, 4);
    private static final Limits LITTLE_CPU = new Limits(64, 200, 2, 120, 4);
    private static final int KILLED_FOR_CPU_TIME = 152;

    @TempDir
    Path parent;

    private ChildFolder folder;
    private Path mine;

    @BeforeEach
    void make_folders() throws IOException {
        folder = ChildFolder.in(parent);
        mine = Files.createDirectory(parent.resolve("mine")).resolve("payload");
    }

    @Test
    void a_child_has_nothing_in_its_environment() throws Exception {
        assertThat(exited("/usr/bin/env").out().lines().map(line -> line.split("=")[0]))
                .isSubsetOf("PWD", "SHLVL", "_", "OLDPWD");
    }

    @Test
    void the_output_is_copied_out_and_a_later_write_changes_nothing() throws Exception {
        exited("echo good > out.bin; exec 3>>out.bin; (sleep 5; echo evil >&3) &");
        ChildFolder.TakenOut.Copied copied = (ChildFolder.TakenOut.Copied) takeOut();
        Thread.sleep(5_500);
        assertThat(copied.file()).hasContent("good\n");
        assertThat(copied.size()).isEqualTo(5);
    }

    @Test
    void a_grandchild_that_leaves_group_session_folder_and_environment_is_gone_with_its_child() throws Exception {
        assumeTrue(Libc.get().isPresent());
        String marker = "77.123";
        exited("echo good > out.bin; (cd /usr && exec env -i setsid sh -c 'sleep " + marker + " & wait') & "
                + "sleep 0.2; exit 0");
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void a_grandchild_that_was_orphaned_at_once_is_gone_too() throws Exception {
        assumeTrue(Libc.get().isPresent());
        String marker = "77.456";
        exited("sh -c 'setsid sleep " + marker + " &'; exit 0");
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void a_link_as_output_is_not_followed() throws Exception {
        Path secret = Files.writeString(parent.resolve("secret"), "secret");
        exited("ln -s " + secret + " out.bin");
        assertThat(takeOut()).isEqualTo(new ChildFolder.TakenOut.Unusable("output: not a regular file"));
        assertThat(secret).hasContent("secret");
    }

    @Test
    void a_pipe_as_output_does_not_block() throws Exception {
        // Children cannot make one.
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", folder.path() + "/out.bin")
                        .start()
                        .waitFor())
                .isZero();
        assertThat(takeOut()).isEqualTo(new ChildFolder.TakenOut.Unusable("output: not a regular file"));
    }

    @Test
    void an_output_with_two_names_is_refused() throws Exception {
        exited("echo x > out.bin; ln out.bin other");
        assertThat(takeOut()).isEqualTo(new ChildFolder.TakenOut.Unusable("output: has more than one hard link"));
    }

    @Test
    void a_folder_as_output_is_refused() throws Exception {
        exited("mkdir -p out.bin/a; echo x > out.bin/a/b");
        shut("out.bin/a", "out.bin");
        assertThat(takeOut()).isEqualTo(new ChildFolder.TakenOut.Unusable("output: not a regular file"));
    }

    @Test
    void folders_without_permissions_are_removed_too() throws Exception {
        exited("mkdir -p shut/inner; echo x > shut/inner/file; umask 777; mkdir made");
        shut("shut/inner", "shut", ".");
        folder.close();
        assertThat(folder.path()).doesNotExist();
    }

    @Test
    void a_missing_output_is_reported() throws Exception {
        exited("true");
        assertThat(takeOut()).isEqualTo(new ChildFolder.TakenOut.Unusable("output: file not found"));
    }

    @Test
    void too_much_output_ends_a_child() throws Exception {
        assertThat(run("while :; do head -c 300000 /dev/zero >> out.bin; done").cause())
                .isEqualTo(Cause.OUTPUT);
    }

    @Test
    void many_files_are_output_too() throws Exception {
        assertThat(run("i=0; while :; do i=$((i+1)); head -c 100000 /dev/zero > f$i; done")
                        .cause())
                .isEqualTo(Cause.OUTPUT);
    }

    @Test
    void an_output_over_the_cap_is_not_copied() throws Exception {
        exited("head -c 1000 /dev/zero > out.bin");
        assertThat(folder.takeOut("out.bin", mine, 999)).isEqualTo(new ChildFolder.TakenOut.TooLarge(999));
    }

    @Test
    void a_child_that_computes_for_ever_ends() throws Exception {
        assertThat(spend("while :; do :; done")).isIn(tooMuchCpu(), KILLED_FOR_CPU_TIME);
    }

    @Test
    void cpu_time_of_descendants_counts() throws Exception {
        assertThat(spend("for i in 1 2 3; do (while :; do :; done) & done; sleep 100"))
                .isEqualTo(tooMuchCpu());
    }

    @Test
    void a_child_that_sleeps_ends() throws Exception {
        Limits oneSecond = new Limits(64, 200, 2, 1, 4);
        assertThat(new ChildProcess(folder, List.of(), oneSecond).run(List.of("/bin/sh", "-c", "sleep 60")))
                .isEqualTo(new ChildProcess.Killed(Cause.TIME, "child: more than 1 s of wall time"));
    }

    @Test
    void a_child_that_takes_memory_ends() throws Exception {
        assumeTrue(ProcessTable.ofThisSystem().knowsMemory());
        assertThat(run("head -c 900000000 /dev/zero | tail -c 900000000 | sleep 60")
                        .cause())
                .isEqualTo(Cause.MEMORY);
    }

    @Test
    void a_child_that_forks_a_lot_ends_and_leaves_nobody() throws Exception {
        String marker = "77.789";
        ChildProcess.Result result = child().run(List.of("/bin/sh", "-c", "while :; do sleep " + marker + " & done"));
        // The kernel's limit may be faster, if it applies.
        if (result instanceof ChildProcess.Exited exited) {
            assertThat(exited.err()).contains("Cannot fork");
        } else {
            assertThat(result).isEqualTo(new ChildProcess.Killed(Cause.CRASH, "child: more than 64 processes"));
        }
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void a_child_that_prints_without_end_is_drained_and_only_the_last_is_kept() throws Exception {
        ChildProcess.Exited exited =
                exited("head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo end; echo bad >&2; exit 7");
        assertThat(exited.code()).isEqualTo(7);
        assertThat(exited.out()).hasSizeLessThan(1 << 19).endsWith("x\nend\n");
        assertThat(exited.err()).isEqualTo("bad\n");
    }

    @Test
    void an_interrupted_supervisor_leaves_no_child() throws Exception {
        String marker = "77.321";
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                child().run(List.of("/bin/sh", "-c", "sleep " + marker));
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> !running(marker).isEmpty());
        thread.interrupt();
        thread.join();
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void what_a_killed_worker_left_running_in_its_folder_is_killed() throws Exception {
        assumeTrue(Libc.get().isPresent());
        Process left = new ProcessBuilder("sleep", "77.654")
                .directory(Files.createDirectory(folder.path().resolve("job")).toFile())
                .start();
        Process other =
                new ProcessBuilder("sleep", "77.655").directory(parent.toFile()).start();
        Supervision.killLeftOvers(folder.path());
        assertThat(left.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(other.isAlive()).isTrue();
        other.destroy();
    }

    @Test
    void a_back_off_doubles_up_to_a_day() {
        PrecompilerConfig.Times times = new PrecompilerConfig.Times(Duration.ofMinutes(1), Duration.ZERO);
        assertThat(List.of(times.backoff(1), times.backoff(2), times.backoff(11), times.backoff(12)))
                .containsExactly(
                        Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(1024), Duration.ofDays(1));
        assertThat(times.backoff(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(1));
    }

    /** Removes all permissions of folders in the child's folder, which children cannot do to existing folders. */
    private void shut(String... folders) throws IOException {
        for (String inside : folders) {
            Files.setPosixFilePermissions(folder.path().resolve(inside), Set.of());
        }
    }

    private static ChildProcess.Killed tooMuchCpu() {
        return new ChildProcess.Killed(Cause.TIME, "child: more than 2 s of CPU time");
    }

    /** The exceeded limit, or the exit code if the kernel ended the child first. */
    private Object spend(String script) throws Exception {
        ChildProcess.Result result =
                new ChildProcess(folder, List.of(), LITTLE_CPU).run(List.of("/bin/sh", "-c", script));
        return result instanceof ChildProcess.Exited exited ? exited.code() : result;
    }

    private ChildProcess child() {
        return new ChildProcess(folder, List.of(), LIMITS);
    }

    private ChildProcess.Exited exited(String script) throws Exception {
        ChildProcess.Result result = child().run(List.of("/bin/sh", "-c", script));
        assertThat(result).isInstanceOf(ChildProcess.Exited.class);
        return (ChildProcess.Exited) result;
    }

    private ChildProcess.Killed run(String script) throws Exception {
        ChildProcess.Result result = child().run(List.of("/bin/sh", "-c", script));
        assertThat(result).isInstanceOf(ChildProcess.Killed.class);
        return (ChildProcess.Killed) result;
    }

    private ChildFolder.TakenOut takeOut() throws IOException {
        return folder.takeOut("out.bin", mine, 1 << 20);
    }

    private static List<ProcessHandle> running(String marker) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(p -> p.info()
                            .commandLine()
                            .filter(line -> line.contains(marker))
                            .isPresent())
                    .toList();
        }
    }
}
