package dev.precast.cache;

import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.module.WasmKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored modules.
 *
 * <p>Thread safe.
 */
public final class Modules {
    private final ContentStore store;
    private final long maxBytes;

    /** @param maxBytes maximum size of a module in bytes */
    public Modules(ContentStore store, long maxBytes) {
        this.store = store;
        this.maxBytes = maxBytes;
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
        return new Put.Wasm(kind, store.put(whole, expected == null ? null : expected.digest(), maxBytes));
    }

    /** The bytes of a module, if it is stored. */
    public Optional<Blob> find(ModuleDigest module) {
        return store.find(module.digest());
    }

    /** Whether the module is stored. */
    public boolean holds(ModuleDigest module) {
        return find(module).isPresent();
    }

    /** The kind of a module by its first bytes; empty if the module is not stored. */
    public Optional<WasmKind> kind(ModuleDigest module) {
        return find(module).map(blob -> {
            try (InputStream in = blob.open()) {
                return WasmKind.of(in.readNBytes(WasmKind.PREAMBLE_BYTES));
            } catch (IOException e) {
                throw new StoreException("reading " + module + ": " + e.getMessage(), true, e);
            }
        });
    }

    /** The result of {@link #put}. */
    public sealed interface Put {
        /** @param result the result of the store */
        record Wasm(WasmKind kind, ContentStore.Put result) implements Put {}

        /** @param found the first bytes, in hexadecimal */
        record NotWasm(String found) implements Put {}
    }
}
