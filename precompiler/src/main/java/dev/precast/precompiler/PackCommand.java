package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Replaces the {@code {placeholders}} of a command with values. */
final class PackCommand {
    /** Names of files in a child's folder. */
    static final String IN = "in.wasm";

    static final String OUT = "out.bin";
    static final String ARTIFACT = "artifact.bin";
    static final String CONFIG = "config.json";

    private static final String ARGUMENTS = "{arguments}";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z]+)}");

    private PackCommand() {}

    /** The values for all commands of {@code pack}. */
    static Map<String, String> values(EnginePack pack, int heapMb, String aot) {
        Map<String, String> values = new HashMap<>();
        values.put("java", java().toString());
        values.put("pack", pack.folder().toString());
        values.put("heapMb", Integer.toString(heapMb));
        values.put("aot", aot);
        return values;
    }

    /**
     * The argument vector that compiles {@link #IN} to {@link #OUT} in a lane.
     *
     * @throws IllegalArgumentException if a placeholder has no value
     */
    static List<String> compile(EnginePack pack, CompileConfig config, Target target, int heapMb, String aot) {
        Map<String, String> values = values(pack, heapMb, aot);
        values.put("in", IN);
        values.put("out", OUT);
        values.put("config", CONFIG);
        values.put("target", target.name());
        List<String> words = new ArrayList<>();
        for (String word : pack.commands().compile()) {
            if (word.equals(ARGUMENTS)) {
                words.addAll(arguments(config));
            } else {
                words.addAll(expand(List.of(word), values));
            }
        }
        return words;
    }

    /**
     * The argument vector that loads {@link #ARTIFACT}, the artifact of a key.
     *
     * @throws IllegalArgumentException if a placeholder has no value
     */
    static List<String> check(EnginePack pack, ArtifactKey key, int heapMb, String aot) {
        Map<String, String> values = values(pack, heapMb, aot);
        values.put("artifact", ARTIFACT);
        values.put("module", key.module().toString());
        values.put("config", CONFIG);
        values.put("target", key.lane().target().name());
        return expand(pack.commands().check(), values);
    }

    /** The config's array {@code arguments}, which replaces the word {@code {arguments}} of a command. */
    private static List<String> arguments(CompileConfig config) {
        return config.options().array("arguments").stream()
                .map(word -> word.asString("arguments"))
                .toList();
    }

    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * Replaces the placeholders. Leaves out words that become empty.
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
                    throw new IllegalArgumentException(
                            "command: unknown placeholder " + matcher.group() + "; known placeholders: "
                                    + values.keySet().stream().sorted().toList());
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
