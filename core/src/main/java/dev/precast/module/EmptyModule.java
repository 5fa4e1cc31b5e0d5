package dev.precast.module;

import dev.precast.artifact.ModuleDigest;

/**
 * The module that has a preamble and nothing else. Its artifact is a lane's probe: who can load that can load what the
 * lane makes.
 */
public final class EmptyModule {
    private static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};

    /** Its digest. */
    public static final ModuleDigest DIGEST = ModuleDigest.of(WASM);

    private EmptyModule() {}

    /** A copy of its 8 bytes. */
    public static byte[] wasm() {
        return WASM.clone();
    }
}
