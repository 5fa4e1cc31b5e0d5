package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md names tests that exist. */
final class SecurityPageTest {
    /** A test: the last part of its package if the class name is not unique, the class, the method. */
    private static final Pattern NAMED = Pattern.compile("`(?:([a-z]+)\\.)?([A-Z]\\w+(?:Test|IT|Contract))\\.(\\w+)`");

    @Test
    void the_tests_that_the_page_names_exist() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(LocalService.HOME)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
        List<MatchResult> named = NAMED.matcher(Files.readString(LocalService.HOME.resolve("SECURITY.md")))
                .results()
                .toList();
        List<String> missing = new ArrayList<>();
        for (MatchResult test : named) {
            if (!exists(sources, test)) {
                missing.add(test.group());
            }
        }
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(missing).isEmpty();
    }

    private static boolean exists(List<Path> sources, MatchResult test) throws IOException {
        String file = (test.group(1) == null ? "" : test.group(1) + "/") + test.group(2) + ".java";
        for (Path source : sources) {
            if (source.endsWith(file) && Files.readString(source).contains("void " + test.group(3) + "(")) {
                return true;
            }
        }
        return false;
    }
}
