package dev.precast.protocol;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.ConfigHash;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import java.util.ArrayList;
import java.util.List;

/**
 * The JSON forms of a lane: the members {@code engine}, {@code engineHash}, {@code config}, {@code target}. For a
 * {@link LaneId}, {@code config} is a digest; for a {@link Lane} and an {@link OfferedLane}, it is the config itself.
 * Reading ignores unknown members.
 */
public final class LaneJson {
    /** The name of the member and of the path parameter that contain the engine hash. */
    public static final String ENGINE_HASH = "engineHash";

    private LaneJson() {}

    /** Writes a lane's identity. */
    public static JsonObject write(LaneId lane) {
        return write(lane.engine(), lane.engineHash(), lane.target())
                .with("config", lane.config().toString());
    }

    /** Writes a lane. */
    public static JsonObject write(Lane lane) {
        return write(lane.engine(), lane.engineHash(), lane.target())
                .with("config", lane.config().options());
    }

    /** Writes an offered lane: the lane's members, {@code profile} and {@code format}. */
    public static JsonObject write(OfferedLane offer) {
        return write(offer.lane()).with("profile", offer.profile()).with("format", offer.format());
    }

    private static JsonObject write(EngineId engine, EngineHash engineHash, Target target) {
        return JsonObject.EMPTY
                .with("engine", engine.toString())
                .with(ENGINE_HASH, engineHash.toString())
                .with("target", target.toString());
    }

    /**
     * Reads a lane's identity. The JSON form of a key contains these members too.
     *
     * @throws IllegalArgumentException if a member is missing or has another form
     */
    public static LaneId id(JsonObject json) {
        return new LaneId(engine(json), engineHash(json), ConfigHash.parse(json.string("config")), target(json));
    }

    /** @throws IllegalArgumentException if a member is missing or has another form */
    public static Lane lane(JsonObject json) {
        return new Lane(engine(json), engineHash(json), new CompileConfig(json.object("config")), target(json));
    }

    /** Writes offered lanes: an object with the list {@code lanes}. */
    public static JsonObject write(List<OfferedLane> offers) {
        return JsonObject.EMPTY.with(
                "lanes", Json.of(offers.stream().map(LaneJson::write).toList()));
    }

    /** @throws IllegalArgumentException if a member is missing or has another form */
    public static List<OfferedLane> offers(JsonObject json) {
        List<OfferedLane> offers = new ArrayList<>();
        for (Json lane : json.array("lanes")) {
            offers.add(offer(lane.asObject("lane")));
        }
        return offers;
    }

    /** @throws IllegalArgumentException if a member is missing or has another form */
    public static OfferedLane offer(JsonObject json) {
        return new OfferedLane(lane(json), json.string("profile"), json.string("format"));
    }

    private static EngineId engine(JsonObject json) {
        return EngineId.parse(json.string("engine"));
    }

    private static EngineHash engineHash(JsonObject json) {
        return EngineHash.parse(json.string(ENGINE_HASH));
    }

    private static Target target(JsonObject json) {
        return new Target(json.string("target"));
    }
}
