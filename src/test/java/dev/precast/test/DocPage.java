package dev.precast.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown page of the checkout and its fenced blocks.
 *
 * @param name the path in the checkout
 */
record DocPage(String name, String text, List<Block> blocks) {
    private static final Pattern FENCE = Pattern.compile("^( *)```(\\S*)$");
    private static final Pattern MARKER = Pattern.compile("^<!-- (needs|run by|file) ([^>]+?) -->$");

    /**
     * A fenced block.
     *
     * @param line line number of the opening fence, from 1
     * @param needs a program that tests do not have, so that the block is only parsed, not run
     * @param runBy the test class that runs the block in place of {@link SnippetsIT}
     * @param file the path in a checkout of the file whose whole content the block shows; {@link ToyEngine} builds
     *     these files
     */
    record Block(
            String language,
            int line,
            String code,
            Optional<String> needs,
            Optional<String> runBy,
            Optional<String> file) {
        boolean isCode() {
            return List.of("java", "sh", "python").contains(language);
        }

        boolean runsHere() {
            return isCode() && needs.isEmpty() && runBy.isEmpty() && file.isEmpty();
        }
    }

    /** All pages of the checkout that people read: those at the root, in docs, examples and testkit. */
    static List<DocPage> all() throws IOException {
        List<DocPage> pages = new ArrayList<>();
        for (String folder : List.of(".", "docs", "examples/rust-host", "testkit")) {
            try (Stream<Path> files = Files.walk(LocalService.HOME.resolve(folder), folder.equals("docs") ? 5 : 1)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".md"))
                        .sorted()
                        .toList()) {
                    pages.add(read(file.normalize()));
                }
            }
        }
        return pages;
    }

    /** @param name the path in the checkout */
    static DocPage named(String name) throws IOException {
        return read(LocalService.HOME.resolve(name));
    }

    /** The blocks that a test class runs in place of {@link SnippetsIT}. */
    List<Block> runBy(Class<?> test) {
        return blocks.stream()
                .filter(block -> block.runBy().equals(Optional.of(test.getSimpleName())))
                .toList();
    }

    private static DocPage read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (fence.matches()) {
                int start = i;
                String indent = fence.group(1);
                StringBuilder code = new StringBuilder();
                for (i++; !lines.get(i).equals(indent + "```"); i++) {
                    String line = lines.get(i);
                    code.append(line.startsWith(indent) ? line.substring(indent.length()) : line)
                            .append('\n');
                }
                Matcher marker =
                        MARKER.matcher(start == 0 ? "" : lines.get(start - 1).strip());
                String mark = marker.matches() ? marker.group(1) : "";
                blocks.add(new Block(
                        fence.group(2),
                        start + 1,
                        code.toString(),
                        mark.equals("needs") ? Optional.of(marker.group(2)) : Optional.empty(),
                        mark.equals("run by") ? Optional.of(marker.group(2)) : Optional.empty(),
                        mark.equals("file") ? Optional.of(marker.group(2)) : Optional.empty()));
            }
        }
        return new DocPage(
                LocalService.HOME.relativize(file).toString(), String.join("\n", lines), List.copyOf(blocks));
    }

    Path file() {
        return LocalService.HOME.resolve(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
