package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.testing.Scale;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link Neighbours}, as a user other than root where possible, since the kernel limits the threads of children for
 * others only. Prints its figures; on an idle machine, 95 % of good jobs take about the same time beside both.
 */
@Tag("engines")
final class HostileNeighboursIT {
    private static final int PAIRS = Scale.of(0, 9);

    @TempDir
    Path folder;

    @Test
    void good_jobs_end_beside_hostile_children() throws Exception {
        assumeTrue(PAIRS > 0, "runs in the full tier only");
        assumeTrue(Supervision.ofThisProcess()
                .confinement()
                .missing(Confinement.Mode.REQUIRED)
                .isEmpty());
        int user = HostileRun.canChangeUser() ? HostileRun.NOBODY : HostileRun.THIS_USER;
        Process measured = new ProcessBuilder(HostileRun.command(
                        folder, user, Neighbours.class, folder.resolve("worker").toString(), String.valueOf(PAIRS)))
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String figures = new String(measured.getInputStream().readAllBytes(), UTF_8);

        assertThat(measured.waitFor()).isZero();
        System.out.print(figures);
        assertThat(figures).contains("of 60 good jobs took at most");
    }
}
