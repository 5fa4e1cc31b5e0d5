package dev.precast.api;

import dev.precast.attestation.Attestation;
import dev.precast.compile.CompileOutcome;

/** What is known of a key at a moment. */
public sealed interface Standing {
    /**
     * The artifact exists.
     *
     * @param attestation verified
     * @param envelope its JSON as stored; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Present(Attestation attestation, byte[] envelope) implements Standing {}

    /** The module's fault, and asking again changes nothing. */
    record Rejected(CompileOutcome.Rejected outcome) implements Standing {}

    /** It failed, and is not tried again before {@code outcome.retryAt()}. */
    record Failed(CompileOutcome.Failed outcome) implements Standing {}

    /** The queue holds it, waiting or in work. */
    record Compiling() implements Standing {}

    /** None of that. */
    record Absent() implements Standing {}
}
