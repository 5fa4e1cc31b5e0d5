package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfinementTest {
    private static final Landlock.Support NO_LANDLOCK = new Landlock.Support.Missing("Landlock: not enabled");
    private static final SeccompFilter.Support NO_FILTER = new SeccompFilter.Support.Missing("seccomp: not enabled");

    @Test
    void missing_parts_say_why() {
        assertThat(Confinement.parts(NO_LANDLOCK, NO_FILTER, Way.DIRECT, List.of("no namespaces", "no gate")))
                .extracting(Confinement.Part::toString)
                .containsExactly(
                        "confinement: files: no (Landlock: not enabled)",
                        "confinement: system calls: no (seccomp: not enabled)",
                        "confinement: limits: no (set a moment after the start: no gate)",
                        "confinement: namespaces: no (no namespaces)");
    }

    @Test
    void without_namespaces_limits_still_hold_from_the_first_instruction() {
        assertThat(Confinement.parts(
                        NO_LANDLOCK, NO_FILTER, Way.SHELL, List.of("unshare failed: Operation not permitted")))
                .extracting(Confinement.Part::toString)
                .contains(
                        "confinement: limits: yes (from the first instruction)",
                        "confinement: namespaces: no (unshare failed: Operation not permitted)");
    }

    @Test
    void the_report_of_this_system_is_what_children_get() {
        Supervision supervision = Supervision.ofThisProcess();
        assertThat(supervision.parts())
                .filteredOn(part -> part.name().equals("namespaces"))
                .singleElement()
                .returns(supervision.way() == Way.NAMESPACES, Confinement.Part::holds);
        assertThat(supervision.parts().stream().limit(2).allMatch(Confinement.Part::holds))
                .isEqualTo(supervision.unconfined().isEmpty());
    }
}
