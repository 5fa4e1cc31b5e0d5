package dev.precast.test;

import static java.util.stream.Collectors.joining;

import dev.precast.test.WasmtimeVerdicts.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The verdicts as a page: what one change does in either direction, and whether changes add up. */
final class VerdictsPage {
    private static final String BASE = "cranelift";

    /** An artifact in a host, by names. */
    private record Pair(String hostVersion, String host, String artifactVersion, String artifact) {}

    private final WasmtimeVerdicts verdicts;
    /** Wasmtime's words on a pair, empty if it accepts both modules. */
    private final Map<Pair, String> raw = new LinkedHashMap<>();

    VerdictsPage(WasmtimeVerdicts verdicts) {
        this.verdicts = verdicts;
        for (Verdict verdict : verdicts.all()) {
            raw.merge(pair(verdict.host(), verdict.artifact()), plain(verdict.raw()), (a, b) -> a.isEmpty() ? b : a);
        }
    }

    private static Pair pair(TriedEngine host, TriedEngine artifact) {
        return new Pair(host.version(), host.name(), artifact.version(), artifact.name());
    }

    private List<String> versions() {
        return verdicts.engines().stream().map(TriedEngine::version).distinct().toList();
    }

    String text() {
        long different = raw.keySet().stream().filter(pair -> !isSame(pair)).count();
        long accepted = raw.entrySet().stream()
                .filter(e -> !isSame(e.getKey()) && e.getValue().isEmpty())
                .count();
        return """
                # Wasmtime's verdicts

                `WasmtimeVerdictsIT` writes this page (here on %s, %s) to `src/test/target/wasmtime-verdicts.md`. It
                makes an engine of each profile, and of each configuration of the C API that differs from the profile
                `cranelift` in one change, in Wasmtime %s: %d engines. Each engine compiles an empty module and a
                module with a memory and a trap, and then opens the artifacts of all engines by `deserialize_file`,
                without Precast's checks. Of %d pairs of different engines Wasmtime accepts %d. Precast's load side
                accepts none of these pairs: it takes a lane only with exactly the wanted config and target and the
                library's version, and names every difference before it reads the payload. It never accepted an
                artifact that Wasmtime refuses, even if the artifact was signed for the host's own lane.

                ## One change

                An empty cell means that Wasmtime accepts the artifact; otherwise the cell has Wasmtime's message.

                | changed from `cranelift` | changed artifact, host as it is | artifact as it is, changed host |
                | --- | --- | --- |
                %s
                ## Several changes

                %s

                ## Versions

                %s

                ## Configurations without an engine

                The C API ends the process on these configurations.

                %s
                """.formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        String.join(" and ", versions()),
                        verdicts.engines().size(),
                        different,
                        accepted,
                        oneChange(),
                        severalChanges(),
                        acrossVersions(),
                        impossible());
    }

    private static boolean isSame(Pair pair) {
        return pair.host.equals(pair.artifact) && pair.hostVersion.equals(pair.artifactVersion);
    }

    private String oneChange() {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String name :
                new TreeSet<>(verdicts.engines().stream().map(TriedEngine::name).toList())) {
            if (!name.equals(BASE)) {
                String cells = cell(BASE, name) + " | " + cell(name, BASE);
                rows.computeIfAbsent(cells, none -> new ArrayList<>()).add("`" + name + "`");
            }
        }
        return rows.entrySet().stream()
                .map(row -> "| " + String.join(", ", row.getValue()) + " | " + row.getKey() + " |\n")
                .sorted()
                .collect(joining());
    }

    /** What the versions say that have both; told apart if they do not say the same. */
    private String cell(String host, String artifact) {
        Map<String, List<String>> said = new LinkedHashMap<>();
        for (String version : versions()) {
            String words = raw.get(new Pair(version, host, version, artifact));
            if (words != null) {
                said.computeIfAbsent(words, none -> new ArrayList<>()).add(version);
            }
        }
        if (said.size() == 1) {
            return quoted(said.keySet().iterator().next());
        }
        return said.entrySet().stream()
                .map(e -> String.join(", ", e.getValue()) + ": "
                        + (e.getKey().isEmpty() ? "accepted" : quoted(e.getKey())))
                .collect(joining("; "));
    }

    private static String quoted(String words) {
        return words.replace("|", "\\|").replace("<", "\\<");
    }

    /** Without what names the file, or tells how the C API ends. */
    private static String plain(String words) {
        return words.replaceFirst("^failed deserialization for: \\S+ Caused by: ", "")
                .replaceFirst("^called `Result::unwrap\\(\\)` on an `Err` value: ", "")
                .strip();
    }

    /** Whether a pair of two changes is accepted exactly if each of them alone is. */
    private String severalChanges() {
        int asExpected = 0;
        int acceptedPairs = 0;
        List<String> others = new ArrayList<>();
        for (Map.Entry<Pair, String> entry : raw.entrySet()) {
            Pair pair = entry.getKey();
            if (pair.hostVersion.equals(pair.artifactVersion)
                    && !pair.host.equals(BASE)
                    && !pair.artifact.equals(BASE)
                    && !isSame(pair)) {
                boolean apart =
                        accepts(pair.hostVersion, pair.host, BASE) && accepts(pair.hostVersion, BASE, pair.artifact);
                boolean together = entry.getValue().isEmpty();
                acceptedPairs += together ? 1 : 0;
                if (apart == together) {
                    asExpected++;
                } else {
                    others.add("- " + pair.hostVersion + ", host `" + pair.host + "`, artifact `" + pair.artifact
                            + "`: " + (together ? "accepted" : quoted(entry.getValue())));
                }
            }
        }
        return "Of " + (asExpected + others.size()) + " pairs in one version with a change in the host and another in"
                + " the artifact, Wasmtime accepts " + acceptedPairs + ". " + asExpected + " pairs are as the table"
                + " above predicts: accepted if and only if both changes alone are accepted. The others:\n\n"
                + (others.isEmpty() ? "None." : String.join("\n", others));
    }

    private boolean accepts(String version, String host, String artifact) {
        return "".equals(raw.get(new Pair(version, host, version, artifact)));
    }

    private String acrossVersions() {
        Map<String, Integer> said = new TreeMap<>();
        raw.forEach((pair, words) -> {
            if (!pair.hostVersion.equals(pair.artifactVersion)) {
                said.merge(words.isEmpty() ? "accepted" : quoted(words), 1, Integer::sum);
            }
        });
        return said.entrySet().stream()
                .map(e -> "- " + e.getValue() + " pairs: " + e.getKey())
                .collect(joining("\n"));
    }

    private String impossible() {
        Map<String, List<String>> by = new TreeMap<>();
        verdicts.impossible()
                .forEach((engine, words) -> by.computeIfAbsent(
                                engine.name() + "`: " + quoted(plain(words)), none -> new ArrayList<>())
                        .add(engine.version()));
        return by.entrySet().stream()
                .map(e -> "- " + String.join(" and ", e.getValue()) + ", `" + e.getKey())
                .collect(joining("\n"));
    }
}
