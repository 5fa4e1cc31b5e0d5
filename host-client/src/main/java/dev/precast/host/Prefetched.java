package dev.precast.host;

import dev.precast.artifact.ModuleDigest;

/** The result for one module of {@link Precast#prefetch}. */
public sealed interface Prefetched {
    ModuleDigest module();

    /**
     * The artifact is in this host's cache.
     *
     * @param downloadedBytes size of the uncompressed payload; 0 if it was not downloaded now
     */
    record Ready(ModuleDigest module, long downloadedBytes) implements Prefetched {}

    /** There is no usable artifact. The next load asks the sources again. */
    record Missing(ModuleDigest module, MissReason reason) implements Prefetched {}

    /** The deadline passed. The download may continue in the background. */
    record OutOfTime(ModuleDigest module) implements Prefetched {}
}
