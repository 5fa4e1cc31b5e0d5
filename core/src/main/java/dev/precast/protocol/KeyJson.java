package dev.precast.protocol;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ConfigHash;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Set;

/** The JSON form of a key: members {@code module}, {@code engine}, {@code engineHash}, {@code config}, {@code target}. */
public final class KeyJson {
    private static final Set<String> MEMBERS = Set.of("module", "engine", "engineHash", "config", "target");

    private KeyJson() {}

    /** The form of {@code key}. */
    public static JsonObject write(ArtifactKey key) {
        return write(key.lane()).with("module", key.module().toString());
    }

    /** The form of {@code lane}: that of a key without {@code module}. */
    public static JsonObject write(LaneId lane) {
        return JsonObject.EMPTY
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().toString())
                .with("target", lane.target().toString());
    }

    /**
     * Reads what {@link #write(ArtifactKey)} wrote.
     *
     * @throws JsonException if a member is missing, or one is unknown
     * @throws IllegalArgumentException if a member has another form
     */
    public static ArtifactKey read(JsonObject json) {
        json.only("key", MEMBERS);
        return lane(json).key(ModuleDigest.parse(json.string("module")));
    }

    /**
     * Reads the lane of a key, or what {@link #write(LaneId)} wrote.
     *
     * @throws JsonException if a member is missing
     * @throws IllegalArgumentException if a member has another form
     */
    public static LaneId lane(JsonObject json) {
        return new LaneId(
                EngineId.parse(json.string("engine")),
                EngineHash.parse(json.string("engineHash")),
                ConfigHash.parse(json.string("config")),
                new Target(json.string("target")));
    }
}
