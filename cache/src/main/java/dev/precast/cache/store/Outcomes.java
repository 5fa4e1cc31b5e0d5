package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Rejections and failures, signed by workers. Ignores outcomes without a trusted signature and those of denied packs.
 * Keeps the newest outcome of each key.
 *
 * <p>Thread safe.
 */
public final class Outcomes {
    private final DocumentStore documents;
    private final AttestationVerifier verifier;
    private final ForeignTimes times;

    /** @param clock bounds the back-offs that other machines wrote */
    public Outcomes(DocumentStore documents, AttestationVerifier verifier, InstantSource clock) {
        this.documents = documents;
        this.verifier = verifier;
        this.times = new ForeignTimes(clock);
    }

    /**
     * The trusted rejection or failure of a key, if there is one. {@link ForeignTimes} bounds the end of a back-off,
     * because the clock of its writer may be wrong.
     */
    public Optional<CompileOutcome> find(ArtifactKey key) {
        return documents.find(DocumentNames.outcome(key)).flatMap(document -> {
            try {
                byte[] payload = verifier.open(document.bytes(), OutcomeRecord.PAYLOAD_TYPE, key);
                CompileOutcome outcome = OutcomeRecord.read(payload, key);
                verifier.requireNotDenied("pack", outcome.pack());
                return Optional.of(outcome instanceof CompileOutcome.Failed failed ? bounded(failed) : outcome);
            } catch (RefusedException e) {
                return Optional.empty();
            }
        });
    }

    private CompileOutcome.Failed bounded(CompileOutcome.Failed failed) {
        KeyState.Failed state = failed.state();
        Duration backoff = Duration.between(failed.at(), state.retryAt());
        Instant end = times.end(List.of(failed.key(), failed.at(), state.retryAt()), state.retryAt(), backoff);
        return new CompileOutcome.Failed(
                failed.key(),
                failed.pack(),
                failed.limits(),
                new KeyState.Failed(state.cause(), state.message(), state.attempts(), end),
                failed.at());
    }

    /** Stores the outcome; replaces an older one of the key. */
    public void put(ArtifactKey key, Envelope envelope) {
        documents.put(DocumentNames.outcome(key), envelope.toJson(), DocumentStore.ANY);
    }

    /** Deletes the outcome of a key. */
    public void delete(ArtifactKey key) {
        String name = DocumentNames.outcome(key);
        documents.find(name).ifPresent(document -> documents.delete(name, document.version()));
    }
}
