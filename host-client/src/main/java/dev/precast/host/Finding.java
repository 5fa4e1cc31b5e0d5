package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import java.time.Instant;

/** What a source says of a module. None of it is verified. */
public sealed interface Finding {
    /** The artifact that this is about; in the first of the lanes asked for unless it is present in a later one. */
    ArtifactKey key();

    /**
     * There is an artifact.
     *
     * @param envelope the attestation, a DSSE envelope as JSON; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Present(ArtifactKey key, byte[] envelope) implements Finding {}

    /**
     * There will be none: it is the module's fault.
     *
     * @param code such as {@code invalid-module}
     */
    record Rejected(ArtifactKey key, String code, String message) implements Finding {}

    /**
     * There is none now.
     *
     * @param retryAt when asking again makes sense
     */
    record Failed(ArtifactKey key, String message, Instant retryAt) implements Finding {}

    /** It is being compiled, or waits for that. */
    record Compiling(ArtifactKey key) implements Finding {}

    /**
     * There is none, and nobody works on it.
     *
     * @param reason for people
     */
    record Absent(ArtifactKey key, String reason) implements Finding {}
}
