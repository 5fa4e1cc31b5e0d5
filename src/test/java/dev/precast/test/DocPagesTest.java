package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.test.DocPage.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Checks the pages without running them: links, the languages of blocks, and the syntax of blocks that cannot run here.
 */
final class DocPagesTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");
    private static final Set<String> LANGUAGES = Set.of("java", "sh", "python", "json", "text", "toml", "rust", "xml");

    @Test
    void links_lead_to_files_and_headings() throws IOException {
        List<String> broken = new ArrayList<>();
        for (DocPage page : DocPage.all()) {
            Matcher link = LINK.matcher(CODE.matcher(page.text()).replaceAll("`code`"));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://") && !isThere(page, target)) {
                    broken.add(page + ": " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean isThere(DocPage page, String target) throws IOException {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]);
        return Files.exists(file) && (parts.length == 1 || anchors(file).contains(parts[1]));
    }

    /** The anchors that the headings of a page get. */
    private static Set<String> anchors(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void blocks_name_their_language() throws IOException {
        for (DocPage page : DocPage.all()) {
            for (Block block : page.blocks()) {
                assertThat(LANGUAGES)
                        .as("language of the block at %s:%d", page, block.line())
                        .contains(block.language());
            }
        }
    }

    @Test
    void blocks_that_cannot_run_here_are_parsed_and_listed() throws Exception {
        for (DocPage page : DocPage.all()) {
            for (Block block : page.blocks()) {
                if (block.needs().isPresent()) {
                    System.out.println("not run: " + page + ":" + block.line() + " needs "
                            + block.needs().get());
                    assertThat(block.language())
                            .as("block at %s:%d", page, block.line())
                            .isEqualTo("sh");
                    parses(page, block);
                }
                block.runBy()
                        .ifPresent(test -> assertThat(tests(test))
                                .as("a test class exists that runs the block at %s:%d", page, block.line())
                                .isTrue());
            }
        }
    }

    private static void parses(DocPage page, Block block) throws IOException, InterruptedException {
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var in = bash.getOutputStream()) {
            in.write(block.code().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as("%s:%d: %s", page, block.line(), said).isZero();
    }

    private static boolean tests(String className) {
        try (var files = Files.walk(LocalService.HOME)) {
            return files.anyMatch(file -> file.endsWith(className + ".java"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
