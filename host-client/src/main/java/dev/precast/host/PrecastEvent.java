package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.attestation.PolicyAge;
import java.time.Instant;

/** An event of a host's cache, for metrics and logs. */
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

    /** How a host handles a miss; see {@link MissPolicy}. */
    enum Fallback {
        INTERPRETED,
        COMPILED_LOCALLY,
        FAILED
    }

    /** A module was loaded from an artifact. */
    record Hit(ModuleDigest module, Tier tier) implements PrecastEvent {}

    /** There is no usable artifact. The miss policy decides what happens next. */
    record Miss(ModuleDigest module, MissReason reason) implements PrecastEvent {}

    /**
     * An artifact, payload, lane or policy failed a check and was not used.
     *
     * @param subject what was refused, for people
     * @param check the first check that failed
     * @param detail what was expected and what was found
     */
    record Refused(String subject, Check check, String detail) implements PrecastEvent {}

    /**
     * A loaded artifact cannot be instantiated in this host. The artifact stays in the cache, because other hosts may
     * be able to instantiate it.
     *
     * @param why the engine's message
     */
    record Incompatible(ModuleDigest module, String why) implements PrecastEvent {}

    /** A miss was handled without an artifact. */
    record FellBack(ModuleDigest module, Fallback fallback) implements PrecastEvent {}

    /** A compiled module replaced an interpreted one for later loads. */
    record Swapped(ModuleDigest module) implements PrecastEvent {}

    /**
     * A payload was downloaded.
     *
     * @param bytes size of the uncompressed payload
     */
    record Downloaded(long bytes) implements PrecastEvent {}

    /** Files were removed from the disk cache to make room. */
    record Evicted(int files, long bytes) implements PrecastEvent {}

    /**
     * The cache is impaired: a source does not answer, the disk is full or unusable.
     *
     * @param what what failed, and why
     */
    record Degraded(String what) implements PrecastEvent {}

    /**
     * The trust policy expires soon or has expired, and no source has a newer one. Reported once for each step of
     * {@code age} in a process.
     *
     * @param version version of the policy
     * @param expiresAt from this time on, no new artifacts are accepted
     * @param age never {@link PolicyAge#FRESH}
     */
    record PolicyExpires(long version, Instant expiresAt, PolicyAge age) implements PrecastEvent {}
}
