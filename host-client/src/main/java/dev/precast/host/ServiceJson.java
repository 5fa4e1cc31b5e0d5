package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The JSON of the wire protocol as a client sees it: unknown members are ignored. */
final class ServiceJson {
    private ServiceJson() {}

    static JsonObject lane(LaneId lane) {
        return JsonObject.EMPTY
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().toString())
                .with("target", lane.target().toString());
    }

    static List<Finding> findings(byte[] answer, List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        try {
            List<Json> results = Json.parse(answer).asObject("answer").array("results");
            if (results.size() != modules.size()) {
                throw new JsonException("results: expected " + modules.size() + " modules, found " + results.size());
            }
            List<Finding> found = new ArrayList<>(modules.size());
            for (int i = 0; i < modules.size(); i++) {
                JsonObject result = results.get(i).asObject("result");
                ModuleDigest module = ModuleDigest.parse(result.string("module"));
                if (!module.equals(modules.get(i))) {
                    throw new JsonException("results: expected module " + modules.get(i) + ", found " + module);
                }
                LaneId lane = lanes.get((int) result.integer("lane", 0, lanes.size() - 1L));
                found.add(finding(result, lane.key(module)));
            }
            return found;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("lookup: the answer has another form: " + e.getMessage(), e);
        }
    }

    /** The lanes of {@code GET /v1/engines}; each is as it was told. */
    static List<OfferedLane> offers(byte[] answer) throws IOException {
        try {
            List<OfferedLane> offers = new ArrayList<>();
            for (Json item : Json.parse(answer).asObject("answer").array("lanes")) {
                JsonObject lane = item.asObject("lane");
                offers.add(new OfferedLane(
                        new Lane(
                                EngineId.parse(lane.string("engine")),
                                EngineHash.parse(lane.string("engineHash")),
                                new CompileConfig(lane.object("config")),
                                new Target(lane.string("target"))),
                        lane.string("profile"),
                        lane.string("format")));
            }
            return offers;
        } catch (IllegalArgumentException e) {
            throw new IOException("lanes: the answer has another form: " + e.getMessage(), e);
        }
    }

    /** The same form, as it is kept. */
    static byte[] offers(List<OfferedLane> offers) {
        List<JsonObject> lanes = new ArrayList<>();
        for (OfferedLane offer : offers) {
            lanes.add(JsonObject.EMPTY
                    .with("engine", offer.lane().engine().toString())
                    .with("engineHash", offer.lane().engineHash().toString())
                    .with("config", offer.lane().config().options())
                    .with("target", offer.lane().target().toString())
                    .with("profile", offer.profile())
                    .with("format", offer.format()));
        }
        return canonical(JsonObject.EMPTY.with("lanes", Json.of(lanes)));
    }

    private static Finding finding(JsonObject result, ArtifactKey key) {
        String state = result.string("state");
        return switch (state) {
            case "present" -> new Finding.Present(key, canonical(result.object("attestation")));
            case "rejected" -> new Finding.Rejected(key, result.string("code"), text(result, "message"));
            case "failed" -> new Finding.Failed(key, text(result, "message"), Instant.parse(result.string("retryAt")));
            case "compiling" -> new Finding.Compiling(key);
            case "absent" -> new Finding.Absent(key, "not compiled");
            default -> new Finding.Absent(key, "in a state that this client does not know: " + state);
        };
    }

    static JsonObject usage(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) {
        List<Json> uses = new ArrayList<>();
        loads.forEach((lane, counts) -> {
            Map<String, Json> modules = new TreeMap<>();
            counts.forEach((module, count) -> modules.put(module.digest().hex(), Json.of(count)));
            uses.add(JsonObject.EMPTY.with("lane", lane.digest().toString()).with("modules", new JsonObject(modules)));
        });
        JsonObject report = JsonObject.EMPTY.with("uses", Json.of(uses));
        return group.isPresent() ? report.with("group", group.get()) : report;
    }

    static List<ModuleDigest> used(byte[] answer) throws IOException {
        try {
            List<ModuleDigest> modules = new ArrayList<>();
            for (Json module : Json.parse(answer).asObject("answer").array("modules")) {
                modules.add(ModuleDigest.parse(module.asString("modules")));
            }
            return modules;
        } catch (IllegalArgumentException e) {
            throw new IOException("usage: the answer has another form: " + e.getMessage(), e);
        }
    }

    static byte[] attestation(byte[] answer) throws IOException {
        try {
            return canonical(Json.parse(answer).asObject("answer").object("attestation"));
        } catch (JsonException e) {
            throw new IOException("compilation: the answer has another form: " + e.getMessage(), e);
        }
    }

    private static byte[] canonical(JsonObject json) {
        return json.canonical().getBytes(StandardCharsets.UTF_8);
    }

    /** The code of a problem, empty if there is none. */
    static String code(byte[] problem) {
        return member(problem, "code");
    }

    /** Why a module was rejected. */
    static String rejection(byte[] problem) {
        String rejection = member(problem, "rejection");
        return rejection.isEmpty() ? code(problem) : rejection;
    }

    /** What a problem says to people; never more than some hundred characters. */
    static String detail(byte[] problem) {
        String detail = member(problem, "detail");
        String shown = detail.isEmpty() ? "no details" : code(problem) + ": " + detail;
        return shown.length() > 500 ? shown.substring(0, 500) + "…" : shown;
    }

    private static String member(byte[] problem, String name) {
        try {
            return text(Json.parse(problem).asObject("problem"), name);
        } catch (JsonException e) {
            return "";
        }
    }

    private static String text(JsonObject from, String name) {
        return from.find(name)
                .map(v -> v instanceof Json.Text t ? t.value() : "")
                .orElse("");
    }
}
