package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.protocol.KeyJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys whose compilation was requested, by their digests: documents {@code keys/<digest>}. Caches stored keys for
 * ten minutes.
 *
 * <p>Thread safe.
 */
public final class RequestedKeys {
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final int MAX_KEPT = 50_000;

    private final DocumentStore documents;
    private final Cache<Digest, ArtifactKey> kept;

    public RequestedKeys(DocumentStore documents, Ticker ticker) {
        this.documents = documents;
        this.kept = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(KEPT)
                .maximumSize(MAX_KEPT)
                .build();
    }

    /** Stores the key, unless it is stored. Concurrent writers write the same document. */
    void add(ArtifactKey key) {
        Digest digest = key.digest();
        if (find(digest).isEmpty()) {
            byte[] json = KeyJson.write(key).canonical().getBytes(StandardCharsets.UTF_8);
            documents.put(document(digest), json, DocumentStore.ANY);
            kept.put(digest, key);
        }
    }

    /** The key with this digest, if its compilation was requested. */
    @SuppressWarnings("NullAway") // Caffeine does not cache null.
    Optional<ArtifactKey> find(Digest digest) {
        return Optional.ofNullable(kept.get(digest, d -> stored(d).orElse(null)));
    }

    private Optional<ArtifactKey> stored(Digest digest) {
        return documents
                .find(document(digest))
                .flatMap(document -> document.read("key " + digest, json -> named(digest, KeyJson.read(json))));
    }

    private static ArtifactKey named(Digest digest, ArtifactKey key) {
        if (!key.digest().equals(digest)) {
            throw new IllegalArgumentException("found the key " + key.digest());
        }
        return key;
    }

    private static String document(Digest key) {
        return "keys/" + key.hex();
    }
}
