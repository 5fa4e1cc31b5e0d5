package dev.precast.engine.chicory.compile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The commands of the test suite that do not end as in the interpreter, one line each: {@code file:line | ways | outcome
 * in the interpreter | outcome in these ways}.
 *
 * <p>The committed list has blocks, which blank lines separate. A block begins with the reason of its lines, in lines that
 * start with {@code #}.
 */
final class SuiteDifferences {
    private static final String FIELDS = " | ";

    private final Map<List<String>, Set<Way>> found = new LinkedHashMap<>();

    void add(String file, SuiteCommand command, Way way, String interpreted, String said) {
        found.computeIfAbsent(List.of(file + ":" + command.line(), interpreted, said), key -> EnumSet.noneOf(Way.class))
                .add(way);
    }

    /** The lines of all differences, in the order of the suite. */
    Set<String> lines() {
        Set<String> lines = new LinkedHashSet<>();
        found.forEach((key, ways) -> lines.add(String.join(
                FIELDS,
                key.get(0),
                ways.size() == Way.values().length
                        ? "all"
                        : ways.stream().map(Way::toString).collect(Collectors.joining(", ")),
                key.get(1),
                key.get(2))));
        return lines;
    }

    /**
     * The lines of the committed list.
     *
     * @throws IOException if a line has no reason
     */
    static Set<String> committed() throws IOException {
        Set<String> lines = new LinkedHashSet<>();
        boolean reason = false;
        for (String line : read()) {
            if (line.isBlank()) {
                reason = false;
            } else if (line.startsWith("#")) {
                reason = true;
            } else if (!reason) {
                throw new IOException(line + ": no reason (expected a line with # at the start of the block)");
            } else if (!lines.add(line)) {
                throw new IOException(line + ": listed twice");
            }
        }
        return lines;
    }

    private static List<String> read() throws IOException {
        try (InputStream in = SuiteDifferences.class.getResourceAsStream("/suite-differences.txt")) {
            if (in == null) {
                return new ArrayList<>();
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
