package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.json.Json;
import dev.precast.protocol.KeyJson;
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
            documents.put(name, KeyJson.write(key).canonical().getBytes(StandardCharsets.UTF_8), null);
        }
    }

    /** The key of that digest, if somebody asked for it. */
    Optional<ArtifactKey> find(Digest digest) {
        return documents.find(name(digest)).map(document -> {
            try {
                return KeyJson.read(Json.parse(document.bytes()).asObject("key"));
            } catch (IllegalArgumentException e) {
                throw new StoreException(
                        "key " + digest + ": the stored document is damaged: " + e.getMessage(), false, e);
            }
        });
    }

    private static String name(Digest digest) {
        return "keys/" + digest.hex();
    }
}
