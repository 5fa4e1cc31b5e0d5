package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code precast}: when it builds and which modules. The checkout's {@code mvnw} only records its arguments.
 */
final class CheckoutScriptTest {
    private static final Instant LONG_AGO = Instant.now().minus(Duration.ofDays(1));

    @TempDir
    private Path checkout;

    @BeforeEach
    void lay_out_a_checkout() throws IOException {
        Files.copy(Path.of("../precast"), checkout.resolve("precast"));
        Files.copy(Path.of("../pom.xml"), checkout.resolve("pom.xml"));
        Files.setLastModifiedTime(checkout.resolve("pom.xml"), FileTime.from(LONG_AGO));
        Files.createSymbolicLink(
                checkout.resolve("build"), Path.of("../build").toAbsolutePath().normalize());
        program("mvnw", "echo \"$@\" >> asked; mkdir -p cli/target; echo built > cli/target/precast.jar");
        program("engines/wasmtime/prepare", "exit 0");
        for (String folder : List.of("core", "adapters/nats", "cli", "bench", "src/test/java")) {
            source(folder, LONG_AGO);
        }
        for (String module : List.of("chicory/compile", "wasmtime/compile", "wasmtime/run")) {
            file("engines/" + module + "/pom.xml", LONG_AGO);
        }
    }

    @Test
    void a_newer_source_file_in_any_module_starts_a_build() throws Exception {
        precast();
        precast();
        assertThat(asked()).hasSize(1);

        source("src/test/java", Instant.now().plus(Duration.ofHours(1)));
        precast();
        assertThat(asked()).as("tests are not part of the command line").hasSize(1);

        source("adapters/nats", Instant.now().plus(Duration.ofHours(1)));
        precast();
        assertThat(asked()).hasSize(2);
    }

    @Test
    void the_output_of_an_earlier_build_is_not_an_engine() throws Exception {
        Files.createDirectories(checkout.resolve("engines/target/run/chicory"));
        Files.createDirectories(checkout.resolve("engines/target/compile"));

        precast();

        assertThat(asked().getFirst()).contains("engines/chicory/compile").doesNotContain("target");
    }

    @Test
    void wasmtimes_packs_are_built_if_its_library_can_be_fetched() throws Exception {
        String told = precast();

        assertThat(asked().getFirst()).contains("engines/wasmtime/compile", "engines/wasmtime/run");
        assertThat(told).doesNotContain("building without");
    }

    @Test
    void without_wasmtimes_library_the_rest_is_built_and_a_message_says_so() throws Exception {
        program("engines/wasmtime/prepare", "echo 'fetch-library: needs Python 3 with pip' >&2; exit 1");

        String told = precast();

        assertThat(told).contains("needs Python 3 with pip\nprecast: building without the packs of wasmtime");
        assertThat(asked().getFirst())
                .contains("engines/chicory/compile", "engines/wasmtime/run")
                .doesNotContain("engines/wasmtime/compile");
    }

    private List<String> asked() throws IOException {
        return Files.readAllLines(checkout.resolve("asked"));
    }

    private void source(String folder, Instant changed) throws IOException {
        file(folder + "/Source.java", changed);
    }

    private void file(String name, Instant changed) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        Files.setLastModifiedTime(file, FileTime.from(changed));
    }

    private void program(String name, String body) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
    }

    /**
     * Runs the script and returns its standard error. The built jar is not a jar, so the run always ends with a Java
     * error.
     */
    private String precast() throws Exception {
        ProcessBuilder script =
                new ProcessBuilder("bash", checkout.resolve("precast").toString(), "--version");
        script.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = script.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        String told = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertThat(told).contains("precast.jar");
        return told;
    }
}
