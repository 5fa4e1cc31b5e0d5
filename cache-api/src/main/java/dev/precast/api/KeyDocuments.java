package dev.precast.api;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ConfigHash;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.store.DocumentStore;
import dev.precast.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The keys that somebody asked for, by their digest: documents {@code keys/<64 hex>}. */
final class KeyDocuments {
    private final DocumentStore documents;

    KeyDocuments(DocumentStore documents) {
        this.documents = documents;
    }

    /** Makes {@code key} known by its digest. */
    void remember(ArtifactKey key) {
        String name = name(key.digest());
        if (documents.find(name).isEmpty()) {
            // Whoever else writes it writes the same.
            documents.put(name, toJson(key).canonical().getBytes(StandardCharsets.UTF_8), null);
        }
    }

    /** The key of that digest, if somebody asked for it. */
    Optional<ArtifactKey> find(Digest digest) {
        return documents.find(name(digest)).map(document -> {
            try {
                return key(Json.parse(document.bytes()).asObject("key"));
            } catch (IllegalArgumentException e) {
                throw new StoreException(
                        "key " + digest + ": the stored document is damaged: " + e.getMessage(), false, e);
            }
        });
    }

    private static String name(Digest digest) {
        return "keys/" + digest.hex();
    }

    private static JsonObject toJson(ArtifactKey key) {
        return toJson(key.lane()).with("module", key.module().toString());
    }

    private static ArtifactKey key(JsonObject json) {
        return lane(json).key(ModuleDigest.parse(json.string("module")));
    }

    /** The JSON form of a lane's identity. */
    static JsonObject toJson(LaneId lane) {
        return JsonObject.EMPTY
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().toString())
                .with("target", lane.target().toString());
    }

    /** @throws IllegalArgumentException if the JSON has another form; the message names the member */
    static LaneId lane(JsonObject json) {
        return new LaneId(
                EngineId.parse(json.string("engine")),
                EngineHash.parse(json.string("engineHash")),
                ConfigHash.parse(json.string("config")),
                new Target(json.string("target")));
    }
}
