package dev.precast.engine.wasmtime.capi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Error messages of the script {@code fetch-library}. The build itself tests a successful download. */
final class FetchLibraryTest {
    private static final Path SCRIPT = Path.of("../fetch-library").toAbsolutePath();
    private static final String[] PROGRAMS = {
        "awk",
        "bash",
        "cat",
        "cut",
        "dirname",
        "flock",
        "grep",
        "ldd",
        "mkdir",
        "mktemp",
        "rm",
        "sha256sum",
        "shasum",
        "sort",
        "tail",
        "tr",
        "uname"
    };

    @TempDir
    private Path folder;

    private Path bin;

    /** Sets up a PATH with the standard programs but without Python. */
    @BeforeEach
    void link_programs() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        for (String program : PROGRAMS) {
            for (String from : System.getenv("PATH").split(":")) {
                Path found = Path.of(from, program);
                if (Files.isExecutable(found) && !Files.exists(bin.resolve(program))) {
                    Files.createSymbolicLink(bin.resolve(program), found.toAbsolutePath());
                }
            }
        }
    }

    @Test
    void the_message_about_an_unpinned_version_or_platform_lists_the_pinned_ones() throws Exception {
        assertThat(fetch("47.0.0"))
                .contains("Wasmtime 47.0.0 for ")
                .contains(": not pinned")
                .contains("48.0.0/linux-x86_64");
        assertThat(fetch("48.0.0", "plan9-mips"))
                .contains("Wasmtime 48.0.0 for plan9-mips: not pinned")
                .contains("48.0.0/macos-aarch64");
        assertThat(fetch("--wrong")).contains("usage: fetch-library VERSION");
    }

    @Test
    void without_pip_the_message_names_the_package_to_install() throws Exception {
        assertThat(fetch("48.0.0"))
                .contains("Wasmtime 48.0.0: the download needs Python 3 with pip")
                .contains("apt install python3-pip");
    }

    @Test
    void a_wheel_with_another_digest_is_refused_and_leaves_no_library() throws Exception {
        pip("echo something else > \"$dest/wasmtime-48.0.0-py3-none-any.whl\"");

        assertThat(fetch("48.0.0", "linux-x86_64"))
                .contains("wasmtime-48.0.0-py3-none-any.whl: wrong SHA-256 (expected 58544d539053")
                .contains(", found ");
        try (var files = Files.walk(folder.resolve("cache"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .doesNotContain("libwasmtime.so")
                    .noneMatch(name -> name.endsWith(".whl"));
        }
    }

    @Test
    void an_error_of_pip_is_part_of_the_message() throws Exception {
        pip("echo 'ERROR: no route to the index'; exit 1");

        assertThat(fetch("48.0.0", "linux-x86_64"))
                .contains("wasmtime==48.0.0 for manylinux1_x86_64: download failed: ERROR: no route to the index");
    }

    /** Installs a fake pip that runs the given shell commands as its download. */
    private void pip(String download) throws IOException {
        Path python = bin.resolve("python3");
        Files.writeString(python, """
                #!/usr/bin/env bash
                [ "$3" = --version ] && exit
                while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
                """ + download + "\n");
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));
    }

    /** Runs the script, which must exit with 1, and returns its output. */
    private String fetch(String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", bin.toString());
        environment.put("HOME", folder.toString());
        environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(1);
        return said;
    }
}
