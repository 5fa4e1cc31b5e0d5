package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServeCommandTest {
    @TempDir
    private Path home;

    /** An installation with invalid jars. */
    @BeforeEach
    void lay_out_an_installation() throws IOException {
        Installation installation = new Installation(home);
        for (Path jar : List.of(installation.serverJar(), installation.benchJar())) {
            Files.createDirectories(jar.getParent());
            Files.writeString(jar, "no jar");
        }
    }

    private List<String> packs(Map<String, String> variables) {
        Surroundings around = new Surroundings(System.out, System.err, variables, InstantSource.system(), false);
        return ServeCommand.packs(around, new Installation(home));
    }

    @Test
    void the_packs_are_the_installations_unless_the_environment_names_others() {
        assertThat(packs(Map.of())).containsExactly("-Dprecast.packs.folder=" + home.resolve("engines/target/packs"));
        assertThat(packs(Map.of("PRECAST_PACKS_FOLDER", "/mine")))
                .as("a property would override the variable")
                .isEmpty();
    }

    @Test
    void a_demo_whose_service_does_not_start_shows_why() {
        CommandLineRun demo = CommandLineRun.at(
                CommandLineRun.NOW, Map.of("PRECAST_HOME", home.toString()), "demo", "--module", "any.wasm");

        assertThat(demo.exit()).isEqualTo(6);
        assertThat(demo.err())
                .contains("precast server: ended with exit code 1; it printed:\n")
                .contains("quarkus-run.jar")
                .doesNotContain("server.log");
    }
}
