package dev.precast.module;

import dev.precast.artifact.ModuleDigest;

/**
 * The module that consists of the preamble only. Its artifact is the probe of a lane: a host that can load the probe
 * can load all artifacts of the lane.
 */
public final class EmptyModule {
    private static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};

    /** The digest of the empty module. */
    public static final ModuleDigest DIGEST = ModuleDigest.of(WASM);

    private EmptyModule() {}

    /** A copy of the module's 8 bytes. */
    public static byte[] wasm() {
        return WASM.clone();
    }
}
