package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.precompiler.Confinement.Mode;
import dev.precast.precompiler.Confinement.Part;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfinementTest {
    private static final Landlock.Support NO_LANDLOCK = new Landlock.Support.Missing("Landlock: not enabled");
    private static final SeccompFilter.Support NO_FILTER = new SeccompFilter.Support.Missing("seccomp: not enabled");

    private static final Cgroups.Support NO_CGROUP = new Cgroups.Support.Missing("not delegated");

    @Test
    void missing_parts_say_why() {
        assertThat(Confinement.of(NO_LANDLOCK, NO_FILTER, Way.DIRECT, List.of("no namespaces", "no gate"), NO_CGROUP)
                        .parts())
                .extracting(Part::toString)
                .containsExactly(
                        "files: no (Landlock: not enabled)",
                        "system-calls: no (seccomp: not enabled; children can change limits of this process, modes of "
                                + "its files, and use the network)",
                        "limits: no (set a moment after the start: no gate)",
                        "namespaces: no (no namespaces)",
                        "cgroup: no (not delegated)");
    }

    @Test
    void without_namespaces_limits_still_hold_from_the_first_instruction() {
        assertThat(Confinement.of(
                                NO_LANDLOCK,
                                NO_FILTER,
                                Way.SHELL,
                                List.of("unshare failed: Operation not permitted"),
                                NO_CGROUP)
                        .parts())
                .extracting(Part::toString)
                .contains(
                        "limits: yes (from the first instruction)",
                        "namespaces: no (unshare failed: Operation not permitted)");
    }

    @Test
    void each_mode_demands_its_parts() {
        assertThat(missing(Mode.REQUIRED, false, false, false)).containsExactly("files", "system-calls", "namespaces");
        assertThat(missing(Mode.BEST_EFFORT, false, false, false)).containsExactly("files", "system-calls");
        assertThat(missing(Mode.UNCONFINED, false, false, false)).isEmpty();
        assertThat(missing(Mode.REQUIRED, true, true, false)).containsExactly("namespaces");
        assertThat(missing(Mode.BEST_EFFORT, true, false, true)).containsExactly("system-calls");
        assertThat(missing(Mode.REQUIRED, true, true, true)).isEmpty();
    }

    private static List<String> missing(Mode mode, boolean files, boolean calls, boolean namespaces) {
        return new Confinement(List.of(
                        new Part("files", files, ""),
                        new Part("system-calls", calls, ""),
                        new Part("limits", false, ""),
                        new Part("namespaces", namespaces, "")))
                .missing(mode).stream().map(Part::name).toList();
    }

    @Test
    void the_report_of_this_system_is_what_children_get(@TempDir Path folder) throws Exception {
        Supervision supervision = Supervision.ofThisProcess();
        ShellPack.write(folder.resolve("packs"), "toy", "cp $1 $2");
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            assertThat(worker.reported).isEqualTo(supervision.confinement());
            assertThat(worker.reported.parts())
                    .filteredOn(part -> part.name().equals("namespaces"))
                    .singleElement()
                    .returns(supervision.way() == Way.NAMESPACES, Part::holds);
            assertThat(worker.precompiler.offers().isEmpty())
                    .isEqualTo(!worker.reported.missing(Mode.BEST_EFFORT).isEmpty());
        }
    }
}
