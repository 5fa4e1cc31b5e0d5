package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Comparator;
import java.util.List;
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
            defaultValue = "default",
            description = "Named config of the engine. Default: ${DEFAULT-VALUE}.")
    private String profile = "default";

    String engine() {
        return engine;
    }

    /** The lane, as {@code GET /v1/engines} describes it. */
    JsonObject in(Service service) {
        List<JsonObject> lanes = lanes(service);
        return lanes.stream()
                .filter(lane -> fits(engine, lane.string("engine"))
                        && lane.string("profile").equals(profile))
                .max(Comparator.comparing(lane -> EngineId.parse(lane.string("engine"))))
                .orElseThrow(() -> new CommandFailed(
                        Exit.NOT_FOUND,
                        "engine-not-served",
                        "no lane of engine " + engine + " with profile " + profile + "; served are "
                                + lanes.stream()
                                        .map(lane -> lane.string("engine") + " " + lane.string("profile"))
                                        .sorted()
                                        .toList()));
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
