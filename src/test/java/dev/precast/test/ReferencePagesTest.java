package dev.precast.test;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import dev.precast.api.json.Status;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The committed pages of {@code docs/reference} that need no running server equal those that are generated from the
 * code.
 */
final class ReferencePagesTest {
    private static final String CONFIG = "server/src/main/java/dev/precast/server/PrecastConfig.java";
    private static final String PROBLEM = "core/src/main/java/dev/precast/protocol/ProblemCode.java";
    private static final String EXIT = "cli/src/main/java/dev/precast/cli/Exit.java";

    @Test
    void problem_codes_are_on_their_page() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (ProblemCode code : ProblemCode.values()) {
            rows.append("| `" + code.label() + "` | " + Status.of(code) + " | " + code.title() + " |\n");
        }

        new ReferencePage("problem-codes.md", PROBLEM).check("Problem codes", """
                Every error answer of the service has one of these codes: over HTTP as the member `code` of a body of type
                `application/problem+json`, over NATS as the header `Nats-Service-Error`. A code never changes its meaning;
                `title` and `detail` are for people and may change. The [wire protocol](../wire-protocol.md#errors) has the
                form of the body and lists which request answers which code.

                | code | status | title |
                | --- | --- | --- |
                """ + rows);
    }

    @Test
    void exit_codes_are_on_their_page() throws IOException {
        JavaSource source = JavaSource.parse(EXIT);
        StringBuilder rows = new StringBuilder();
        for (VariableTree constant : JavaSource.constants(source.type("Exit").orElseThrow())) {
            String comment = source.comment(constant);
            assertThat(comment).as("javadoc of %s.%s", EXIT, constant.getName()).isNotEmpty();
            rows.append("| ")
                    .append(JavaSource.arguments(constant).getFirst())
                    .append(" | ")
                    .append(comment)
                    .append(" |\n");
        }

        new ReferencePage("exit-codes.md", EXIT).check("Exit codes of `precast`", """
                        | code | when |
                        | --- | --- |
                        %s
                        `precast run` ends with the module's own exit code once the module has started. `precast bench` ends with
                        the exit code of the benchmark's process.
                        """.formatted(rows));
    }

    @Test
    void configuration_keys_are_on_their_page() throws IOException {
        JavaSource source = JavaSource.parse(CONFIG);
        ClassTree root = source.type("PrecastConfig").orElseThrow();
        String prefix =
                JavaSource.annotation(root.getModifiers(), "ConfigMapping").orElseThrow();

        new ReferencePage("configuration.md", CONFIG)
                .check("Configuration of the service", """
                        A key is a system property (`java -Dprecast.port=8077 -jar …`), an environment variable in capitals with
                        underscores (`PRECAST_PORT`, `PRECAST_UPLOAD_MAX_BYTES`), or an option of the command line (`precast serve
                        --set precast.slots=2`). An unknown key under `precast.` stops the start. Durations are a number and `ms`,
                        `s`, `m` or `h`; sizes a number and `K`, `M` or `G`.

                        """ + section(source, root, prefix));
    }

    /** The keys of one interface as a table, then a section for each group of keys in it. */
    private static String section(JavaSource source, ClassTree type, String prefix) {
        StringBuilder rows = new StringBuilder();
        StringBuilder groups = new StringBuilder();
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method) {
                String key = prefix + "."
                        + JavaSource.annotation(method.getModifiers(), "WithName")
                                .orElseGet(() -> kebab(method.getName().toString()));
                ClassTree group = source.type(method.getReturnType().toString())
                        .filter(t -> t.getKind() == Tree.Kind.INTERFACE)
                        .orElse(null);
                if (group == null) {
                    rows.append(row(source, method, key));
                } else {
                    groups.append("\n## `")
                            .append(key)
                            .append("`\n\n")
                            .append(described(source, group, key))
                            .append("\n\n")
                            .append(section(source, group, key));
                }
            }
        }
        String table = rows.isEmpty() ? "" : "| key | type | default | meaning |\n| --- | --- | --- | --- |\n" + rows;
        return table + groups;
    }

    private static String row(JavaSource source, MethodTree method, String key) {
        String type = method.getReturnType().toString();
        String shown = type.startsWith("Map<") ? key + ".<name>" : key;
        String value = JavaSource.annotation(method.getModifiers(), "WithDefault")
                .map(text -> "`" + text + "`")
                .orElse("none");
        return "| `" + shown + "` | " + type(source, type, method) + " | " + ReferencePage.cell(value) + " | "
                + ReferencePage.cell(described(source, method, key)) + " |\n";
    }

    private static String described(JavaSource source, Tree tree, String key) {
        String comment = source.comment(tree);
        assertThat(comment).as("javadoc of %s in %s", key, CONFIG).isNotEmpty();
        return comment;
    }

    private static String type(JavaSource source, String type, MethodTree method) {
        String plain = type.replaceAll("@\\w+\\([^)]*\\)\\s*", "");
        String name = switch (plain.replaceAll("^Optional<(.*)>$", "$1")) {
            case "Path" -> "path";
            case "String" -> "text";
            case "URI" -> "URI";
            case "int", "OptionalInt", "long", "Map<String, Long>" -> "integer";
            case "boolean", "Boolean" -> "`true` or `false`";
            case "Duration" -> "duration";
            case "MemorySize" -> "size";
            case "List<String>", "Set<String>" -> "texts, separated by commas";
            case "List<URI>" -> "URIs, separated by commas";
            default ->
                JavaSource.constants(source.type(plain).orElseThrow()).stream()
                        .map(constant -> "`"
                                + constant.getName()
                                        .toString()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '-') + "`")
                        .collect(joining(", "));
        };
        String low = JavaSource.annotation(method.getModifiers(), "Min").orElse("");
        String high = JavaSource.annotation(method.getModifiers(), "Max").orElse("");
        if (!low.isEmpty() && !high.isEmpty()) {
            return name + ", " + low + " to " + high;
        }
        return low.isEmpty() ? name : name + ", " + low + " or more";
    }

    private static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
