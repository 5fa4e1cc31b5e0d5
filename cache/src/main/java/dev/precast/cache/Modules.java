package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ByteRate;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.module.WasmKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored modules. Caches for a minute that a module is stored, and its kind; does not cache that a module is
 * missing, because another replica may have stored it.
 *
 * <p>Thread safe.
 */
public final class Modules {
    private static final Duration KEPT = Duration.ofMinutes(1);
    private static final int MAX_KEPT = 100_000;

    private final ContentStore store;
    private final long maxBytes;
    /** The kinds of stored modules; empty if only their presence is known. */
    private final Cache<ModuleDigest, Optional<WasmKind>> kept;

    /** @param maxBytes maximum size of a module in bytes */
    public Modules(ContentStore store, long maxBytes, Ticker ticker) {
        this.store = store;
        this.maxBytes = maxBytes;
        this.kept = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(KEPT)
                .maximumSize(MAX_KEPT)
                .build();
    }

    /** Maximum size of a module in bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /**
     * Stores the remaining bytes of {@code in}, without holding them in memory.
     *
     * @param expected the expected digest; null for any
     * @throws IOException if reading {@code in} fails
     * @throws StoreException if the store fails
     */
    public Put put(InputStream in, @Nullable ModuleDigest expected) throws IOException {
        byte[] preamble = in.readNBytes(WasmKind.PREAMBLE_BYTES);
        WasmKind kind = WasmKind.of(preamble);
        if (kind == WasmKind.OTHER) {
            return new Put.NotWasm(HexFormat.of().formatHex(preamble));
        }
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(preamble), in);
        ContentStore.Put put = store.put(whole, expected == null ? null : expected.digest(), maxBytes);
        if (put instanceof ContentStore.Put.Stored stored) {
            kept.put(new ModuleDigest(stored.digest()), Optional.of(kind));
        }
        return new Put.Wasm(kind, put);
    }

    /** The bytes of a module, if it is stored. */
    public Optional<Blob> find(ModuleDigest module) {
        return store.find(module.digest());
    }

    /** Whether the module is stored; the answer may be a minute old if it is true. */
    public boolean holds(ModuleDigest module) {
        if (kept.getIfPresent(module) != null) {
            return true;
        }
        boolean stored = find(module).isPresent();
        if (stored) {
            kept.put(module, Optional.empty());
        }
        return stored;
    }

    /**
     * The kind of a module by its first bytes; empty if the module is not stored. A module that was deleted may have a
     * kind for another minute.
     */
    public Optional<WasmKind> kind(ModuleDigest module) {
        Optional<WasmKind> known = kept.getIfPresent(module);
        if (known != null && known.isPresent()) {
            return known;
        }
        Optional<WasmKind> kind = find(module).map(blob -> {
            try (InputStream in = blob.open()) {
                return WasmKind.of(in.readNBytes(WasmKind.PREAMBLE_BYTES));
            } catch (IOException e) {
                throw new StoreException("reading " + module + ": " + e.getMessage(), true, e);
            }
        });
        if (kind.isPresent()) {
            kept.put(module, kind);
        } else {
            forget(module);
        }
        return kind;
    }

    /** Reads and hashes a module, see {@link ContentCheck#of}. */
    public ContentCheck.Result check(ModuleDigest module, ByteRate rate) {
        return ContentCheck.of(store, module.digest(), rate);
    }

    /** Deletes a module. Other replicas may know its kind for another minute. */
    public void delete(ModuleDigest module) {
        store.delete(module.digest());
        forget(module);
    }

    /** Drops what is cached about a module. */
    void forget(ModuleDigest module) {
        kept.invalidate(module);
    }

    /** The result of {@link #put}. */
    public sealed interface Put {
        /** @param result the result of the store */
        record Wasm(WasmKind kind, ContentStore.Put result) implements Put {}

        /** @param found the first bytes, in hexadecimal */
        record NotWasm(String found) implements Put {}
    }
}
