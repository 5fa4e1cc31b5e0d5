package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.test.DocPage.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds the toy engine of {@code docs/how-to/add-an-engine.md} with the POMs of that page and one line in the root
 * POM. The build makes the pack and the jars that the command line loads. {@link ToyEngineIT} builds the same files
 * without Maven; it also runs in the fast tier.
 */
@Tag("engines")
@EnabledIfSystemProperty(named = "precast.test.tier", matches = "full", disabledReason = "builds the core once more")
final class ToyBuildIT {
    private static final long MINUTES = 5;

    @TempDir
    private Path folder;

    @Test
    void an_engine_is_built_from_its_folder_and_one_line_of_the_root() throws Exception {
        for (String part :
                List.of("mvnw", "build", ".mvn", "core/pom.xml", "core/src", "bom/pom.xml", "engines/pom.xml")) {
            copy(LocalService.HOME.resolve(part), folder.resolve(part));
        }
        String root = Files.readString(LocalService.HOME.resolve("pom.xml"));
        String line = DocPage.named(ToyEngine.PAGE).blocks().getFirst().code();
        assertThat(line.strip()).isEqualTo("<module>engines/toy</module>");
        Files.writeString(
                folder.resolve("pom.xml"),
                root.replaceFirst(
                        "(?s)<modules>.*?</modules>",
                        "<modules>\n<module>bom</module>\n<module>core</module>\n" + "<module>engines</module>\n" + line
                                + "</modules>"));
        ToyEngine toy = ToyEngine.write(folder);

        Path log = folder.resolve("build.log");
        List<Block> build = DocPage.named(ToyEngine.PAGE).runBy(ToyBuildIT.class);
        assertThat(build).hasSize(1);
        Process maven = new ProcessBuilder("bash", "-ec", build.getFirst().code())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(maven.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();

        assertThat(maven.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(toy.packs().resolve("packs.sha256"))).endsWith("  toy-1.0.0\n");
        assertThat(toy.packs().resolve("toy-1.0.0/engine.json")).content().contains("\"version\": \"1.0.0\"");
        assertThat(toy.packs().resolve("toy-1.0.0/lib/precast-engine-toy-compile.jar"))
                .exists();
        assertThat(toy.run().resolve("precast-engine-toy-load.jar")).exists();
        assertThat(toy.run().resolve("precast-engine-toy-run.jar")).exists();
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
