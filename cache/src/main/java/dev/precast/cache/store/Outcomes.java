package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.OutcomeRecord;
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

    public Outcomes(DocumentStore documents, AttestationVerifier verifier) {
        this.documents = documents;
        this.verifier = verifier;
    }

    /** The trusted rejection or failure of a key, if there is one. */
    public Optional<CompileOutcome> find(ArtifactKey key) {
        return documents.find(DocumentNames.outcome(key)).flatMap(document -> {
            try {
                byte[] payload = verifier.open(document.bytes(), OutcomeRecord.PAYLOAD_TYPE, key);
                CompileOutcome outcome = OutcomeRecord.read(payload, key);
                verifier.requireNotDenied("pack", outcome.pack());
                return Optional.of(outcome);
            } catch (RefusedException e) {
                return Optional.empty();
            }
        });
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
