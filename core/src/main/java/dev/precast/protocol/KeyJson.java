package dev.precast.protocol;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Set;

/** The JSON form of a key: the members of its lane ({@link LaneJson}) and {@code module}. */
public final class KeyJson {
    private static final Set<String> MEMBERS = Set.of("module", "engine", LaneJson.ENGINE_HASH, "config", "target");

    private KeyJson() {}

    /** Writes {@code key}. */
    public static JsonObject write(ArtifactKey key) {
        return LaneJson.write(key.lane()).with("module", key.module().toString());
    }

    /**
     * Reads a key.
     *
     * @throws JsonException if a member is missing or unknown
     * @throws IllegalArgumentException if a member has the wrong form
     */
    public static ArtifactKey read(JsonObject json) {
        json.only("key", MEMBERS);
        return LaneJson.id(json).key(ModuleDigest.parse(json.string("module")));
    }
}
