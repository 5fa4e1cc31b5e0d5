package dev.precast.host.load;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.WasmBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The host's wasm bytes, read at most once and compared with the digest. Not thread safe. */
public final class ModuleBytes implements WasmBytes {
    private final ModuleDigest module;
    private final WasmBytes wasm;
    private byte @Nullable [] bytes;

    public ModuleBytes(ModuleDigest module, WasmBytes wasm) {
        this.module = module;
        this.wasm = wasm;
    }

    /** @throws IllegalArgumentException if the bytes belong to another module */
    @Override
    public byte[] read() throws IOException {
        byte[] known = bytes;
        if (known == null) {
            known = wasm.read();
            ModuleDigest found = ModuleDigest.of(known);
            if (!found.equals(module)) {
                throw new IllegalArgumentException("module " + module + ": the given bytes belong to module " + found);
            }
            bytes = known;
        }
        return known;
    }

    /** Like {@link #read}, but throws an unchecked exception. */
    public byte[] required() {
        try {
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException("module " + module + ": cannot read its bytes: " + e.getMessage(), e);
        }
    }
}
