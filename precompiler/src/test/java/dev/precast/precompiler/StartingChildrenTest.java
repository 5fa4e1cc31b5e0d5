package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartingChildrenTest {
    @TempDir
    Path folder;

    @Test
    void a_start_that_lacks_descriptors_is_tried_again_until_there_are_some() throws Exception {
        assumeTrue(Libc.get().isPresent());
        assertThat(exitCode("exit 3")).isEqualTo(3); // All classes are loaded now.
        String limit = "/usr/bin/prlimit --pid " + ProcessHandle.current().pid() + " --nofile=";
        Process restore = new ProcessBuilder("/bin/sh", "-c", "sleep 1.5; " + limit + "4096:").start();
        try {
            assertThat(new ProcessBuilder("/bin/sh", "-c", limit + "4:").start().waitFor())
                    .isZero();
            assertThat(exitCode("exit 4")).isEqualTo(4);
        } finally {
            assertThat(restore.waitFor()).isZero();
        }
    }

    @Test
    void a_start_that_still_fails_is_the_supervisors_trouble() throws Exception {
        assumeTrue(Libc.get().isPresent());
        ProcessBuilder builder =
                new ProcessBuilder("/bin/true").directory(folder.toFile()).redirectInput(folder.toFile());

        assertThatThrownBy(() -> Supervision.ofThisProcess().start(builder, List.of(), pid -> {}))
                .isInstanceOf(SupervisorTroubleException.class)
                .hasMessageStartingWith("starting /bin/true: ");
    }

    @Test
    void a_command_that_does_not_exist_is_not_the_supervisors_trouble() {
        ProcessBuilder builder = new ProcessBuilder("/no/such/compiler").directory(folder.toFile());

        assertThatThrownBy(() -> Supervision.ofThisProcess().start(builder, List.of(), pid -> {}))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SupervisorTroubleException.class)
                .hasMessageContaining("/no/such/compiler");
    }

    private int exitCode(String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", script).directory(folder.toFile());
        Process process = Supervision.ofThisProcess().start(builder, List.of(), pid -> {});
        try {
            return process.waitFor();
        } finally {
            Supervision.ofThisProcess().ended(process);
        }
    }
}
