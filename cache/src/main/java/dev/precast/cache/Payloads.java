package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads payloads for hosts. Caches small payloads in memory, so that a rollout reads each from the store once. Cached
 * payloads do not expire, because bytes with the same digest are the same. Larger payloads are hashed while they are
 * sent, each for one reader at a time and once in ten minutes; if that reader takes longer than a minute, the next reader
 * is hashed too. Does not check whether an artifact exists.
 *
 * <p>Thread safe.
 */
public final class Payloads {
    private static final int LARGEST_KEPT = 1 << 20;
    /** The cache uses at most the heap size divided by this. */
    private static final int SHARE = 8;

    /** How long a large payload is not hashed again. */
    private static final Duration HASHED = Duration.ofMinutes(10);

    private static final int MAX_HASHED = 10_000;

    /** How long a reader that is being hashed keeps other readers from being hashed. */
    private static final Duration HASHING = Duration.ofMinutes(1);

    private final ContentStore store;
    private final Consumer<ArtifactKey> damaged;
    private final Cache<Digest, Boolean> hashed;
    /** The large payloads that are being hashed, each with its last reader. */
    private final Cache<Digest, WatchedBlob.Check> hashing;

    private final Cache<Digest, byte[]> kept = Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / SHARE)
            .weigher((Digest digest, byte[] bytes) -> bytes.length)
            .recordStats()
            .build();

    /**
     * @param damaged gets each key whose payload is damaged; must return quickly
     * @param ticker measures the minute and the ten minutes
     */
    public Payloads(ContentStore store, Consumer<ArtifactKey> damaged, Ticker ticker) {
        this.store = store;
        this.damaged = damaged;
        this.hashed = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(HASHED)
                .maximumSize(MAX_HASHED)
                .build();
        this.hashing =
                Caffeine.newBuilder().ticker(ticker).expireAfterWrite(HASHING).build();
    }

    /**
     * The bytes of a form of a key's payload, if they are stored with the signed size. Small payloads have the signed
     * digest. Damage of a large one is noticed when it has been read to its end.
     *
     * @throws StoreException if the store fails
     */
    @SuppressWarnings("NullAway") // Caffeine does not cache null.
    public Optional<Blob> find(ArtifactKey key, SizedDigest form) {
        if (form.size() > LARGEST_KEPT) {
            return stored(form)
                    .map(blob -> hashed.getIfPresent(form.digest()) == null ? watched(key, form, blob) : blob);
        }
        byte[] bytes = kept.get(form.digest(), digest -> whole(key, form));
        return Optional.ofNullable(bytes).map(Blob::of);
    }

    private Blob watched(ArtifactKey key, SizedDigest form, Blob blob) {
        return new WatchedBlob(blob, new WatchedBlob.Check() {
            @Override
            public boolean begin() {
                return hashing.asMap().putIfAbsent(form.digest(), this) == null;
            }

            @Override
            public void end(Optional<Digest> read) {
                hashing.asMap().remove(form.digest(), this);
                read.ifPresent(found -> {
                    if (found.equals(form.digest())) {
                        hashed.put(form.digest(), true);
                    } else {
                        damaged.accept(key);
                    }
                });
            }
        });
    }

    /** The cache, for its statistics only. */
    public Cache<Digest, ?> cache() {
        return kept;
    }

    private Optional<Blob> stored(SizedDigest form) {
        return store.find(form.digest()).filter(blob -> blob.size() == form.size());
    }

    /** The bytes of the payload; null, which is not cached, if the payload is missing or damaged. */
    private byte @Nullable [] whole(ArtifactKey key, SizedDigest form) {
        Blob blob = stored(form).orElse(null);
        if (blob == null) {
            return null;
        }
        try (InputStream in = blob.open()) {
            byte[] bytes = in.readNBytes(LARGEST_KEPT);
            if (Digest.of(bytes).equals(form.digest())) {
                return bytes;
            }
            damaged.accept(key);
            return null;
        } catch (IOException e) {
            throw new StoreException("reading payload " + form.digest() + ": " + e.getMessage(), true, e);
        }
    }
}
