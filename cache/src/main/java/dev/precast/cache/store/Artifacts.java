package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.DocumentStore.Document;
import java.util.Optional;

/**
 * The existing artifacts. An artifact exists if and only if its attestation verifies under the current policy and its
 * payload is stored. In the grace of an expired policy artifacts still exist, since hosts that verified them before the
 * expiry accept them; hosts check the expiry themselves. No new ones are accepted then.
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

    /** The artifact of a key, if it exists. */
    public Optional<StoredArtifact> find(ArtifactKey key) {
        Optional<Document> stored = attestations.find(DocumentNames.attestation(key));
        try {
            return stored.isPresent() ? Optional.of(verified(key, stored.get())) : Optional.empty();
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /** The artifact that the policy accepts for a key, whether its payload is stored or not. */
    public Optional<StoredArtifact> attested(ArtifactKey key) {
        Optional<Document> stored = attestations.find(DocumentNames.attestation(key));
        try {
            return stored.isPresent()
                    ? Optional.of(StoredArtifact.of(
                            verifier.verify(stored.get().bytes(), key, true),
                            stored.get().bytes()))
                    : Optional.empty();
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    private StoredArtifact verified(ArtifactKey key, Document document) throws RefusedException {
        Attestation attestation = verifier.verify(document.bytes(), key, true);
        SizedDigest payload = attestation.payload();
        if (payloads.find(payload.digest())
                .filter(blob -> blob.size() == payload.size())
                .isEmpty()) {
            throw new RefusedException(Check.PAYLOAD, payload.digest() + " is not stored");
        }
        return StoredArtifact.of(attestation, document.bytes());
    }

    /**
     * Why the policy refuses a new attestation; empty if the policy accepts it. An expired policy accepts none. Does not
     * check the payload.
     */
    public Optional<String> refusal(Attestation attestation, Envelope envelope) {
        try {
            verifier.verify(envelope.toJson(), attestation.key(), false);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Publishes an artifact, whose payload must be stored. Keeps an existing artifact of the key; replaces an
     * attestation that the policy refuses or whose payload is missing.
     *
     * @return why the key has no artifact now; empty if the key has this artifact or another writer's
     */
    public Optional<String> publish(Attestation attestation, Envelope envelope) {
        ArtifactKey key = attestation.key();
        String name = DocumentNames.attestation(key);
        byte[] json = envelope.toJson();
        Optional<String> written = attestations.put(name, json, null);
        Optional<Document> stored = attestations.find(name);
        Optional<String> refusal = refusal(key, stored);
        // Each round either writes or finds another writer's document.
        for (int round = 0; written.isEmpty() && refusal.isPresent() && round < 10; round++) {
            written = attestations.put(name, json, stored.map(Document::version).orElse(null));
            stored = attestations.find(name);
            refusal = refusal(key, stored);
        }
        return refusal;
    }

    /**
     * Deletes the attestation of a key, so that the key has no artifact.
     *
     * @param payload digest of the uncompressed payload; an attestation of another payload stays
     */
    public void withdraw(ArtifactKey key, Digest payload) {
        String name = DocumentNames.attestation(key);
        attestations.find(name).ifPresent(stored -> {
            try {
                if (Attestation.unverified(stored.bytes()).payload().digest().equals(payload)) {
                    attestations.delete(name, stored.version());
                }
            } catch (RefusedException e) {
                DamageLog.SHARED.found(name, e.getMessage() + "; the artifact counts as absent");
            }
        });
    }

    /** Why there is no artifact for the stored attestation; empty if there is one. */
    Optional<String> refusal(ArtifactKey key, Optional<Document> stored) {
        if (stored.isEmpty()) {
            return Optional.of("the attestation is not stored");
        }
        try {
            verified(key, stored.get());
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
