package dev.precast.test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The page {@code docs/reference/proposals.md}: a table of proposals and lanes, whose cells are {@link #RUNS}, {@link
 * #COMPILES}, {@link #LOADS} or the number of a reason below the table.
 */
final class ProposalsPage {
    static final String NAME = "proposals.md";
    static final String RUNS = "runs";
    static final String COMPILES = "compiles";
    static final String LOADS = "loads";

    private static final String TABLE = "| proposal |";

    /** What a lane does with the module of a proposal: a word, or the code and reason of a rejection. */
    private final Map<Cell, String> cells = new LinkedHashMap<>();

    /** A lane in the form {@code engine@version profile}, and the module of a proposal. */
    record Cell(String lane, String proposal) {}

    void put(Cell cell, String outcome) {
        cells.put(cell, outcome);
    }

    /** The page below its heading. */
    String body() {
        List<String> lanes = cells.keySet().stream().map(Cell::lane).distinct().toList();
        List<String> reasons = new ArrayList<>();
        StringBuilder rows = new StringBuilder();
        for (String proposal :
                cells.keySet().stream().map(Cell::proposal).distinct().toList()) {
            rows.append("| ").append(proposal).append(" |");
            for (String lane : lanes) {
                rows.append(' ')
                        .append(shown(cells.getOrDefault(new Cell(lane, proposal), ""), reasons))
                        .append(" |");
            }
            rows.append('\n');
        }
        StringBuilder notes = new StringBuilder();
        for (int i = 0; i < reasons.size(); i++) {
            notes.append(i + 1).append(". ").append(reasons.get(i)).append('\n');
        }
        return """
                `ProposalsIT` compiles one small module for each proposal (`testkit/corpus/proposals`) in each lane of the bundled
                packs, loads the artifact as a host does, and calls it. `runs`: the result is right. `compiles`: a component, which
                the test does not call. `loads`: hosts can call it if they switch on shared memories, which is not an option of the
                compiler (`Config::shared_memory` in Rust). A number: the service answers 422 `module-rejected` with the reason below the table. The
                default policy of hosts then runs the module in the engine's interpreter, or compiles it in-process, if the engine
                supports the proposal there. The table is from Linux on x86-64.

                """ + TABLE + " " + String.join(" | ", lanes) + " |\n| --- |" + " --- |".repeat(lanes.size()) + "\n"
                + rows
                + "\nReasons:\n\n" + notes;
    }

    private static String shown(String outcome, List<String> reasons) {
        if (List.of(RUNS, COMPILES, LOADS).contains(outcome)) {
            return outcome;
        }
        if (!reasons.contains(outcome)) {
            reasons.add(outcome);
        }
        return String.valueOf(reasons.indexOf(outcome) + 1);
    }

    /** The cells of the committed page. */
    static Map<Cell, String> committed() throws IOException {
        List<String> lines =
                Files.readAllLines(LocalService.HOME.resolve("docs/reference").resolve(NAME));
        Map<String, String> reasons = new LinkedHashMap<>();
        lines.stream()
                .filter(line -> line.matches("\\d+\\. .*"))
                .forEach(line ->
                        reasons.put(line.substring(0, line.indexOf('.')), line.substring(line.indexOf('.') + 2)));
        Map<Cell, String> cells = new LinkedHashMap<>();
        List<String> lanes = List.of();
        for (String line : lines) {
            List<String> fields = List.of(line.split(" *\\| *"));
            if (line.startsWith(TABLE)) {
                lanes = fields.subList(2, fields.size());
            } else if (line.startsWith("| ") && !line.startsWith("| ---") && !lanes.isEmpty()) {
                for (int i = 0; i < lanes.size(); i++) {
                    String shown = fields.get(i + 2);
                    cells.put(new Cell(lanes.get(i), fields.get(1)), reasons.getOrDefault(shown, shown));
                }
            }
        }
        return cells;
    }
}
