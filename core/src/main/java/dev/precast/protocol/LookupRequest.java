package dev.precast.protocol;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A lookup: a request for the states of modules in lanes.
 *
 * @param modules 1 to {@link #MAX_MODULES}
 * @param lanes 1 to {@link #MAX_LANES}, the most preferred first
 */
public record LookupRequest(List<ModuleDigest> modules, List<LaneId> lanes) {
    /** Maximum number of modules in a lookup. */
    public static final int MAX_MODULES = 1000;

    /** Maximum number of lanes in a lookup. */
    public static final int MAX_LANES = 16;

    public LookupRequest {
        modules = List.copyOf(modules);
        lanes = List.copyOf(lanes);
    }

    /** The JSON form. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with(
                        "modules",
                        Json.ofStrings(
                                modules.stream().map(ModuleDigest::toString).toList()))
                .with("lanes", Json.of(lanes.stream().map(LaneJson::write).toList()));
    }

    /**
     * Reads the answer to this request.
     *
     * @return one result for each module, in the order of {@link #modules}
     * @throws IllegalArgumentException if the answer has the wrong form, or is about other modules or lanes
     */
    public List<Result> results(JsonObject answer) {
        List<Json> results = answer.array("results");
        if (results.size() != modules.size()) {
            throw new JsonException("results: expected " + modules.size() + " modules, found " + results.size());
        }
        List<Result> read = new ArrayList<>(modules.size());
        for (int i = 0; i < results.size(); i++) {
            JsonObject result = results.get(i).asObject("result");
            ModuleDigest module = ModuleDigest.parse(result.string("module"));
            if (!module.equals(modules.get(i))) {
                throw new JsonException("results: expected module " + modules.get(i) + ", found " + module);
            }
            int lane = (int) result.integer("lane", 0, lanes.size() - 1L);
            read.add(new Result(module, lane, KeyState.fromJson(result)));
        }
        return read;
    }

    /**
     * The answer for one module.
     *
     * @param lane index in {@link LookupRequest#lanes} of the lane that {@code state} is about: the first lane that has
     *     the artifact; 0 if no lane has it
     */
    public record Result(ModuleDigest module, int lane, KeyState state) {}
}
