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
        Source source = new Source(in);
        byte[] preamble = source.readNBytes(WasmKind.PREAMBLE_BYTES);
        WasmKind kind = WasmKind.of(preamble);
        if (kind == WasmKind.OTHER) {
            return new Put.NotWasm(HexFormat.of().formatHex(preamble));
        }
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(preamble), source);
        ContentStore.Put put;
        try {
            put = store.put(whole, expected == null ? null : expected.digest(), maxBytes);
        } catch (IOException e) {
            if (source.failed) {
                throw e;
            }
            throw new StoreException("storing a module: " + e.getMessage(), true, e);
        }
        return switch (put) {
            case ContentStore.Put.Stored s -> new Put.Stored(new ModuleDigest(s.digest()), s.size(), kind, s.created());
            case ContentStore.Put.WrongDigest w -> new Put.WrongDigest(new ModuleDigest(w.found()));
            case ContentStore.Put.TooLarge t -> new Put.TooLarge(t.maxBytes());
            case ContentStore.Put.Full f -> new Put.Full(f.quotaBytes(), f.usedBytes());
        };
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

    /** What came of {@link #put}. */
    public sealed interface Put {
        /**
         * @param size in bytes
         * @param created false if it was there before
         */
        record Stored(ModuleDigest module, long size, WasmKind kind, boolean created) implements Put {}

        /** @param found the digest that the bytes have */
        record WrongDigest(ModuleDigest found) implements Put {}

        /** There were more than {@code maxBytes}. */
        record TooLarge(long maxBytes) implements Put {}

        /**
         * All modules together may have no more.
         *
         * @param quotaBytes of all modules
         * @param usedBytes of those that are stored or being written
         */
        record Full(long quotaBytes, long usedBytes) implements Put {}

        /** @param found the first bytes, in hexadecimal */
        record NotWasm(String found) implements Put {}
    }

    /** Remembers whether it was this side that failed, and not the store. */
    private static final class Source extends InputStream {
        private final InputStream in;
        boolean failed;

        Source(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException e) {
                failed = true;
                throw e;
            }
        }
    }
}
