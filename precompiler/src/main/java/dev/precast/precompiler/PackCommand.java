package dev.precast.precompiler;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts values in the place of a command's {@code {placeholders}}. */
final class PackCommand {
    /** The names in a child's own folder, where it runs. */
    static final String IN = "in.wasm";

    static final String OUT = "out.bin";
    static final String CONFIG = "config.json";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z]+)}");

    private PackCommand() {}

    /** The values that each command of {@code pack} may name. */
    static Map<String, String> values(EnginePack pack, int heapMb, String aot) {
        return Map.of(
                "java", java().toString(),
                "pack", pack.folder().toString(),
                "in", IN,
                "out", OUT,
                "config", CONFIG,
                "heapMb", Integer.toString(heapMb),
                "aot", aot);
    }

    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * The argument vector. A word that a placeholder leaves empty is left out.
     *
     * @throws IllegalArgumentException if a placeholder has no value
     */
    static List<String> expand(List<String> command, Map<String, String> values) {
        List<String> expanded = new ArrayList<>();
        for (String word : command) {
            Matcher matcher = PLACEHOLDER.matcher(word);
            StringBuilder out = new StringBuilder();
            while (matcher.find()) {
                String value = values.get(matcher.group(1));
                if (value == null) {
                    throw new IllegalArgumentException("command: unknown placeholder " + matcher.group()
                            + ", known are " + values.keySet().stream().sorted().toList());
                }
                matcher.appendReplacement(out, Matcher.quoteReplacement(value));
            }
            matcher.appendTail(out);
            if (!out.isEmpty() || word.isEmpty()) {
                expanded.add(out.toString());
            }
        }
        return expanded;
    }
}
