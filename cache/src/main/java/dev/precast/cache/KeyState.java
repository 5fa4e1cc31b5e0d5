package dev.precast.cache;

import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.store.Artifacts;
import java.util.Optional;

/** What is known of a key at a moment. */
public sealed interface KeyState {
    /**
     * The artifact exists. Of the attestation, which was verified, only what answers need is held: there are many.
     *
     * @param payload digest and size of the payload as hosts load it
     * @param compressed digest and size of its zstd form, if there is one
     * @param envelope the attestation's JSON as stored; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Present(SizedDigest payload, Optional<SizedDigest> compressed, byte[] envelope) implements KeyState {
        public static Present of(Artifacts.Lookup.Present found) {
            Attestation attestation = found.attestation();
            return new Present(attestation.payload(), attestation.compressed(), found.envelope());
        }
    }

    /** The module's fault, and asking again changes nothing. */
    record Rejected(CompileOutcome.Rejected outcome) implements KeyState {}

    /** It failed, and is not tried again before {@code outcome.retryAt()}. */
    record Failed(CompileOutcome.Failed outcome) implements KeyState {}

    /** The queue holds it, waiting or in work. */
    record Compiling() implements KeyState {}

    /** None of that. */
    record Absent() implements KeyState {}
}
