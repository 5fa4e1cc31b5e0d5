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
 * The modules that are stored.
 *
 * <p>Thread safe.
 */
public final class Modules {
    private final ContentStore store;
    private final long maxBytes;

    /** @param maxBytes size of the largest module that is taken, in bytes */
    public Modules(ContentStore store, long maxBytes) {
        this.store = store;
        this.maxBytes = maxBytes;
    }

    /** Size of the largest module that is taken, in bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /**
     * Stores what is left in {@code in}, which is read once and never held in memory as a whole.
     *
     * @param expected the digest it must have, or null to take any
     * @throws IOException if {@code in} fails
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

    /** The bytes of that module, if they are there. */
    public Optional<Blob> find(ModuleDigest module) {
        return store.find(module.digest());
    }

    /** Whether the module is stored. */
    public boolean holds(ModuleDigest module) {
        return find(module).isPresent();
    }

    /** What the stored module's first bytes say; empty if it is not stored. */
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
        /** @param result what the store says */
        record Wasm(WasmKind kind, ContentStore.Put result) implements Put {}

        /** @param found the first bytes, in hexadecimal */
        record NotWasm(String found) implements Put {}
    }
}
