package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Orphans that end, or still run, while no child runs. */
class ReapingTest {
    @BeforeEach
    void become_the_parent_of_orphans() {
        assumeTrue(Libc.get().isPresent());
        Supervision.ofThisProcess();
    }

    @Test
    void zombies_are_reaped_while_no_child_runs() throws Exception {
        long orphan = orphan("/bin/sh", "-c", "(sleep 0.5 & echo $!)");
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.notExists(proc(orphan)));
    }

    @Test
    void orphans_of_children_are_killed_when_a_zombie_shows_that_there_are_some() throws Exception {
        // Orphans of children cannot gain privileges.
        long orphan =
                orphan("/usr/bin/setpriv", "--no-new-privs", "/bin/sh", "-c", "(sleep 300 & echo $!; sleep 0.2 &)");
        assertThat(proc(orphan)).exists();
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.notExists(proc(orphan)));
    }

    @Test
    void the_exit_codes_of_other_processes_are_kept() throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-c", "sleep 0.1; exit 7").start();
        assertThat(process.waitFor()).isEqualTo(7);
    }

    /** Runs a command that leaves an orphan and prints its process id. */
    private static long orphan(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        try (var said = process.inputReader(UTF_8)) {
            return Long.parseLong(said.readLine());
        }
    }

    private static Path proc(long pid) {
        return Path.of("/proc/" + pid);
    }
}
