package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.precompiler.Confinement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class ConfinementReadyTest {
    private static final Confinement.Part FILES = new Confinement.Part("files", true, "Landlock version 7");
    private static final Confinement.Part CALLS = new Confinement.Part("system-calls", true, "seccomp");
    private static final Confinement WITHOUT_NAMESPACES = new Confinement(
            List.of(FILES, CALLS, new Confinement.Part("namespaces", false, "Operation not permitted")));

    @Test
    void a_worker_tells_what_confines_its_children() {
        HealthCheckResponse response = check(Confinement.Mode.BEST_EFFORT, Optional.of(WITHOUT_NAMESPACES));
        assertThat(response.getName()).isEqualTo("confinement");
        assertThat(response.getStatus()).isEqualTo(Status.UP);
        assertThat(response.getData())
                .hasValue(Map.of(
                        "files", "yes (Landlock version 7)",
                        "system-calls", "yes (seccomp)",
                        "namespaces", "no (Operation not permitted)"));
    }

    @Test
    void a_worker_that_lacks_a_required_part_is_not_ready() {
        assertThat(check(Confinement.Mode.REQUIRED, Optional.of(WITHOUT_NAMESPACES))
                        .getStatus())
                .isEqualTo(Status.DOWN);
        assertThat(check(Confinement.Mode.REQUIRED, Optional.of(new Confinement(List.of(FILES, CALLS))))
                        .getStatus())
                .isEqualTo(Status.UP);
    }

    @Test
    void a_node_without_a_worker_tells_nothing() {
        HealthCheckResponse response = check(Confinement.Mode.REQUIRED, Optional.empty());
        assertThat(response.getStatus()).isEqualTo(Status.UP);
        assertThat(response.getData()).isEmpty();
    }

    private static HealthCheckResponse check(Confinement.Mode mode, Optional<Confinement> confinement) {
        return new ConfinementReady(mode, () -> confinement).call();
    }
}
