package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of the service's lanes a command means. */
final class LaneChoice {
    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "chicory",
            description =
                    "Name, name@version or name@version+revision; the newest that fits. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Named config of the engine. Default: default, with wasmtime cranelift.")
    private @Nullable String profile;

    @Option(names = "--target", paramLabel = "TARGET", description = "Target; needed where a profile has several.")
    private @Nullable String target;

    String engine() {
        return engine;
    }

    private String profile() {
        if (profile != null) {
            return profile;
        }
        return fits("wasmtime", engine) || fits(engine, "wasmtime") ? "cranelift" : "default";
    }

    /** The lane, as {@code GET /v1/engines} describes it. */
    JsonObject in(Service service) {
        List<JsonObject> lanes = lanes(service);
        List<JsonObject> fitting = lanes.stream().filter(this::fits).toList();
        JsonObject newest = fitting.stream()
                .max(Comparator.comparing(LaneChoice::engineOf))
                .orElseThrow(() -> new CommandFailed(
                        Exit.NOT_FOUND,
                        "engine-not-served",
                        "no lane of engine " + engine + " with profile " + profile()
                                + (target == null ? "" : " for target " + target) + "; served are "
                                + lanes.stream().map(LaneChoice::line).sorted().toList()));
        List<JsonObject> same = fitting.stream()
                .filter(lane -> engineOf(lane).equals(engineOf(newest)))
                .toList();
        if (same.size() > 1) {
            throw new CommandFailed(
                    Exit.USAGE,
                    "several-lanes",
                    "several lanes fit, --target says which: "
                            + same.stream().map(LaneChoice::line).sorted().toList());
        }
        return newest;
    }

    private boolean fits(JsonObject lane) {
        return fits(engine, lane.string("engine"))
                && lane.string("profile").equals(profile())
                && (target == null || lane.string("target").equals(target));
    }

    /** Whether an artifact of that lane may stand in for one of the newest; its profile is not known from it. */
    boolean fits(LaneId lane) {
        return fits(engine, lane.engine().toString())
                && (target == null || target.equals(lane.target().name()));
    }

    private static EngineId engineOf(JsonObject lane) {
        return EngineId.parse(lane.string("engine"));
    }

    private static String line(JsonObject lane) {
        return lane.string("engine") + " " + lane.string("profile") + " " + lane.string("target");
    }

    static List<JsonObject> lanes(Service service) {
        return service.get("/v1/engines").json().array("lanes").stream()
                .map((Json lane) -> lane.asObject("lane"))
                .toList();
    }

    /** Whether an engine's full name fits what the user wrote. */
    static boolean fits(String asked, String engine) {
        return engine.equals(asked) || engine.startsWith(asked + "@") || engine.startsWith(asked + "+");
    }
}
