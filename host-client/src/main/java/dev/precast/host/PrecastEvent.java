package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;

/** Something that the cache of a host did, for the host's metrics and log. */
public sealed interface PrecastEvent {
    /** Where a module came from. */
    enum Tier {
        /** Loaded before in this JVM. */
        MEMORY,
        /** The disk cache. */
        DISK,
        /** A source. */
        SOURCE
    }

    /** What a host does about a miss, as its {@link MissPolicy} says. */
    enum Fallback {
        INTERPRETED,
        COMPILED_LOCALLY,
        FAILED
    }

    /** A module was loaded from an artifact. */
    record Hit(ModuleDigest module, Tier tier) implements PrecastEvent {}

    /** There is no artifact that loads; the miss policy decides what happens next. */
    record Miss(ModuleDigest module, MissReason reason) implements PrecastEvent {}

    /**
     * Something failed a check and was not used.
     *
     * @param subject the module, lane or policy, for people
     * @param check the first check that failed
     * @param detail what was expected and what was found
     */
    record Refused(String subject, Check check, String detail) implements PrecastEvent {}

    /**
     * An artifact was loaded, but this host cannot make an instance of it. The artifact is kept: other hosts may.
     *
     * @param why in the engine's words
     */
    record Incompatible(ModuleDigest module, String why) implements PrecastEvent {}

    /** A miss was answered without an artifact. */
    record FellBack(ModuleDigest module, Fallback fallback) implements PrecastEvent {}

    /** A compiled module takes the place of an interpreted one for later loads. */
    record Swapped(ModuleDigest module) implements PrecastEvent {}

    /**
     * A payload was downloaded.
     *
     * @param bytes of the payload as it is loaded, not compressed
     */
    record Downloaded(long bytes) implements PrecastEvent {}

    /** Files were removed from the disk cache to make room. */
    record Evicted(int files, long bytes) implements PrecastEvent {}

    /**
     * The cache gives less than it should: a source does not answer, the disk is full or refused.
     *
     * @param what does not work, and why
     */
    record Degraded(String what) implements PrecastEvent {}
}
