package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads payloads for hosts. Caches small payloads in memory, so that a rollout reads each from the store once. Cached
 * payloads do not expire, because bytes with the same digest are the same. Does not check whether an artifact exists.
 *
 * <p>Thread safe.
 */
public final class Payloads {
    private static final int LARGEST_KEPT = 1 << 20;
    /** The cache uses at most the heap size divided by this. */
    private static final int SHARE = 8;

    private final ContentStore store;
    private final Cache<Digest, byte[]> kept = Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / SHARE)
            .weigher((Digest digest, byte[] bytes) -> bytes.length)
            .recordStats()
            .build();

    public Payloads(ContentStore store) {
        this.store = store;
    }

    /**
     * The bytes of a payload, if they are stored with the signed size.
     *
     * @throws StoreException if the store fails
     */
    @SuppressWarnings("NullAway") // Caffeine does not cache null.
    public Optional<Blob> find(SizedDigest form) {
        byte[] bytes = form.size() > LARGEST_KEPT ? null : kept.get(form.digest(), digest -> whole(form));
        return bytes == null ? stored(form) : Optional.of(Blob.of(bytes));
    }

    /** The cache, for its statistics only. */
    public Cache<Digest, ?> cache() {
        return kept;
    }

    private Optional<Blob> stored(SizedDigest form) {
        return store.find(form.digest()).filter(blob -> blob.size() == form.size());
    }

    /** The bytes of the payload; null, which is not cached, if the payload is missing or damaged. */
    private byte @Nullable [] whole(SizedDigest form) {
        Blob blob = stored(form).orElse(null);
        if (blob == null) {
            return null;
        }
        try (InputStream in = blob.open()) {
            byte[] bytes = in.readNBytes(LARGEST_KEPT);
            return Digest.of(bytes).equals(form.digest()) ? bytes : null;
        } catch (IOException e) {
            throw new StoreException("reading payload " + form.digest() + ": " + e.getMessage(), true, e);
        }
    }
}
