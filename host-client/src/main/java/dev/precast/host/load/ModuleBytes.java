package dev.precast.host.load;

import dev.precast.host.WasmBytes;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The host's wasm bytes, read once at most and compared with the digest. Used by one thread. */
public final class ModuleBytes implements WasmBytes {
    private final ModuleDigest module;
    private final WasmBytes wasm;
    private byte @Nullable [] bytes;

    public ModuleBytes(ModuleDigest module, WasmBytes wasm) {
        this.module = module;
        this.wasm = wasm;
    }

    /** @throws IllegalArgumentException if the bytes are those of another module */
    @Override
    public byte[] read() throws IOException {
        byte[] known = bytes;
        if (known == null) {
            known = wasm.read();
            ModuleDigest found = ModuleDigest.of(known);
            if (!found.equals(module)) {
                throw new IllegalArgumentException("module " + module + ": the bytes given are those of " + found);
            }
            bytes = known;
        }
        return known;
    }

    /** The same for callers that cannot go on without. */
    public byte[] required() {
        try {
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException("module " + module + ": its bytes cannot be read: " + e.getMessage(), e);
        }
    }
}
