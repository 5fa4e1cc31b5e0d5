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

/** What the script says when a library cannot be had. That it can be had, the build has shown. */
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

    /** A PATH with what every system has, and without Python. */
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
    void a_version_or_platform_that_is_not_pinned_is_named_with_those_that_are() throws Exception {
        assertThat(fetch("47.0.0")).contains("pins no Wasmtime 47.0.0 for ").contains("48.0.0/linux-x86_64");
        assertThat(fetch("48.0.0", "plan9-mips"))
                .contains("pins no Wasmtime 48.0.0 for plan9-mips")
                .contains("48.0.0/macos-aarch64");
        assertThat(fetch("--wrong")).contains("usage: fetch-library VERSION");
    }

    @Test
    void where_there_is_no_pip_it_says_what_to_install() throws Exception {
        assertThat(fetch("48.0.0"))
                .contains("needs Python 3 with pip to fetch Wasmtime 48.0.0")
                .contains("apt install python3-pip");
    }

    @Test
    void a_wheel_with_another_digest_is_refused_and_leaves_no_library() throws Exception {
        pip("echo something else > \"$dest/wasmtime-48.0.0-py3-none-any.whl\"");

        assertThat(fetch("48.0.0", "linux-x86_64"))
                .contains("wasmtime-48.0.0-py3-none-any.whl: expected SHA-256 58544d539053")
                .contains(", found ");
        try (var files = Files.walk(folder.resolve("cache"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .doesNotContain("libwasmtime.so")
                    .noneMatch(name -> name.endsWith(".whl"));
        }
    }

    @Test
    void what_pip_says_when_it_fails_is_passed_on() throws Exception {
        pip("echo 'ERROR: no route to the index'; exit 1");

        assertThat(fetch("48.0.0", "linux-x86_64"))
                .contains(
                        "pip could not download wasmtime==48.0.0 for manylinux1_x86_64: ERROR: no route to the index");
    }

    /** A pip whose downloads a test decides. */
    private void pip(String download) throws IOException {
        Path python = bin.resolve("python3");
        Files.writeString(python, """
                #!/usr/bin/env bash
                [ "$3" = --version ] && exit
                while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
                """ + download + "\n");
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));
    }

    /** What it prints on its way to exit code 1. */
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
