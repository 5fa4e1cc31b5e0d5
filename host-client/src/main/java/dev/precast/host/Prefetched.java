package dev.precast.host;

import dev.precast.artifact.ModuleDigest;

/** What came of a module in {@link Precast#prefetch}. */
public sealed interface Prefetched {
    ModuleDigest module();

    /**
     * The next load finds it here.
     *
     * @param downloadedBytes of the payload as it is loaded; 0 if it was here before
     */
    record Ready(ModuleDigest module, long downloadedBytes) implements Prefetched {}

    /** The next load misses, or asks the sources again. */
    record Missing(ModuleDigest module, MissReason reason) implements Prefetched {}

    /** The deadline came first. Its download may go on in the background. */
    record OutOfTime(ModuleDigest module) implements Prefetched {}
}
