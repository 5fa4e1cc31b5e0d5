package dev.precast.engine.chicory.compile;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.List;
import java.util.Set;

/**
 * The advisories of a pack: what its compiler gets wrong. They decide which functions of a module are interpreted, and
 * which modules are rejected.
 *
 * @param list in the order of the file, which decides nothing
 */
record Advisories(List<Advisory> list) {
    Advisories {
        list = List.copyOf(list);
    }

    /** @throws JsonException if the text is not a list of advisories */
    static Advisories parse(String json) {
        JsonObject file = Json.parse(json).asObject("advisories").only("advisories", Set.of("advisories"));
        return new Advisories(file.array("advisories").stream()
                .map(each -> Advisory.of(each.asObject("advisory")))
                .toList());
    }

    /**
     * Adds the functions that must be interpreted. Interpreting a function can be a reason to interpret others, so apply the
     * advisories again if a function was added elsewhere.
     *
     * @param interpreted indices of functions, imported ones included in the count; grows
     * @return whether a function was added
     * @throws RejectedException if an advisory rejects the module
     */
    boolean apply(ModuleFeatures module, Set<Integer> interpreted) throws RejectedException {
        int before = interpreted.size();
        int last;
        do {
            last = interpreted.size();
            for (Advisory advisory : list) {
                apply(advisory, module, interpreted);
            }
        } while (interpreted.size() > last);
        return interpreted.size() > before;
    }

    private static void apply(Advisory advisory, ModuleFeatures module, Set<Integer> interpreted)
            throws RejectedException {
        for (int function : module.functions()) {
            if (!concerns(advisory, module, function, interpreted)) {
                continue;
            }
            switch (advisory.then()) {
                case INTERPRET -> interpreted.add(function);
                case INTERPRET_MODULE -> interpreted.addAll(module.functions());
                case REJECT ->
                    throw new RejectedException(
                            RejectedException.UNSUPPORTED,
                            "advisory " + advisory.id() + ": " + advisory.why() + " (function " + function + ")");
            }
        }
    }

    private static boolean concerns(Advisory advisory, ModuleFeatures module, int function, Set<Integer> interpreted) {
        return module.instructions(function).containsAll(advisory.uses())
                && advisory.when().stream().allMatch(condition -> switch (condition) {
                    case INTERPRETED -> interpreted.contains(function);
                    case MIXED -> !interpreted.isEmpty();
                    default -> module.has(function, condition);
                });
    }
}
