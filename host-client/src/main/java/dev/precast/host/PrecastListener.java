package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;

/**
 * Hears what the cache does, for a host's metrics and log. Called on the threads that load; whatever it throws is
 * ignored. All methods do nothing unless overridden.
 */
public interface PrecastListener {
    /** Where a module came from. */
    enum Tier {
        /** Loaded before in this JVM. */
        MEMORY,
        /** The disk cache. */
        DISK,
        /** A source. */
        SOURCE
    }

    /** What was done about a miss. */
    enum Fallback {
        INTERPRETED,
        COMPILED_LOCALLY,
        FAILED
    }

    default void hit(ModuleDigest module, Tier tier) {}

    /** @param reason for people */
    default void miss(ModuleDigest module, String reason) {}

    /**
     * Something failed a check and was not used.
     *
     * @param what the module or the policy
     * @param detail what was expected and what was found
     */
    default void refused(String what, Check check, String detail) {}

    /**
     * An artifact was loaded, but this host cannot make an instance of it. It is kept: other hosts may.
     *
     * @param why in the engine's words
     */
    default void incompatible(ModuleDigest module, String why) {}

    default void fallback(ModuleDigest module, Fallback fallback) {}

    /** A compiled module takes the place of an interpreted one for later loads. */
    default void swapped(ModuleDigest module) {}

    /** @param bytes of a payload as it is loaded, not compressed */
    default void downloaded(long bytes) {}

    /** Files were removed from the disk cache to make room. */
    default void evicted(int files, long bytes) {}

    /**
     * The cache gives less than it should: a source does not answer, the disk is full or refused.
     *
     * @param what does not work, and why
     */
    default void degraded(String what) {}
}
