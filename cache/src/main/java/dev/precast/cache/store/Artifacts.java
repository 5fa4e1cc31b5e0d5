package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.DocumentStore.Document;
import java.util.Optional;

/**
 * What exists. An artifact exists if its attestation verifies under the current policy and its payload is there, and
 * in no other case.
 *
 * <p>Thread safe.
 */
public final class Artifacts {
    private final DocumentStore attestations;
    private final ContentStore payloads;
    private final AttestationVerifier verifier;

    public Artifacts(DocumentStore attestations, ContentStore payloads, AttestationVerifier verifier) {
        this.attestations = attestations;
        this.payloads = payloads;
        this.verifier = verifier;
    }

    /** The artifact of that key, if it exists. */
    public Optional<StoredArtifact> find(ArtifactKey key) {
        Optional<Document> stored = attestations.find(DocumentNames.attestation(key));
        try {
            return stored.isPresent() ? Optional.of(verified(key, stored.get())) : Optional.empty();
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    private StoredArtifact verified(ArtifactKey key, Document document) throws RefusedException {
        Attestation attestation = verifier.verify(document.bytes(), key, false);
        SizedDigest payload = attestation.payload();
        if (payloads.find(payload.digest())
                .filter(blob -> blob.size() == payload.size())
                .isEmpty()) {
            throw new RefusedException(Check.PAYLOAD, payload.digest() + " is not in the store");
        }
        return StoredArtifact.of(attestation, document.bytes());
    }

    /** Why that attestation would not count now, whatever its payload; empty if it would. */
    public Optional<String> refusal(Attestation attestation, Envelope envelope) {
        try {
            verifier.verify(envelope.toJson(), attestation.key(), false);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Makes an artifact exist; its payload was stored before. Another one that exists is left as it is; one that
     * policy refuses, or whose payload is gone, is replaced.
     *
     * @return why there is no artifact of that key now; empty if there is this one, or the other writer's
     */
    public Optional<String> publish(Attestation attestation, Envelope envelope) {
        ArtifactKey key = attestation.key();
        String name = DocumentNames.attestation(key);
        byte[] json = envelope.toJson();
        Optional<String> written = attestations.put(name, json, null);
        Optional<Document> stored = attestations.find(name);
        Optional<String> refusal = refusal(key, stored);
        // Each round either writes, or loses to another writer.
        for (int round = 0; written.isEmpty() && refusal.isPresent() && round < 10; round++) {
            written = attestations.put(name, json, stored.map(Document::version).orElse(null));
            stored = attestations.find(name);
            refusal = refusal(key, stored);
        }
        return refusal;
    }

    /** Why the stored attestation is not that of an artifact; empty if it is. */
    Optional<String> refusal(ArtifactKey key, Optional<Document> stored) {
        if (stored.isEmpty()) {
            return Optional.of("it is not in the store");
        }
        try {
            verified(key, stored.get());
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
