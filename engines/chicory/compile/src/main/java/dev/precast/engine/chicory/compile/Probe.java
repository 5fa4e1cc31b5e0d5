package dev.precast.engine.chicory.compile;

import dev.precast.artifact.Lane;
import dev.precast.bundle.BundleFormat;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import java.util.List;

/** Lists the lanes that this pack can serve on this machine. */
final class Probe {
    private Probe() {}

    static JsonObject lanes() {
        Lane lane = ChicoryFormat.lane(ChicoryFormat.DEFAULT_CONFIG);
        return JsonObject.EMPTY.with(
                "lanes",
                Json.of(List.of(JsonObject.EMPTY
                        .with("profile", ChicoryFormat.DEFAULT_PROFILE)
                        .with(LaneJson.ENGINE_HASH, lane.engineHash().toString())
                        .with("target", lane.target().toString())
                        .with("format", BundleFormat.NAME))));
    }
}
