package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
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

    /** The artifact, or why there is none. */
    public Lookup find(ArtifactKey key) {
        return attestations
                .find(DocumentNames.attestation(key))
                .map(document -> judge(key, document))
                .orElse(new Lookup.Absent(Optional.empty(), Optional.empty()));
    }

    private Lookup judge(ArtifactKey key, DocumentStore.Document document) {
        try {
            Attestation attestation = verifier.verify(document.bytes(), key, false);
            SizedDigest payload = attestation.payload();
            if (payloads.find(payload.digest())
                    .filter(b -> b.size() == payload.size())
                    .isEmpty()) {
                return new Lookup.Absent(
                        Optional.of("payload " + payload.digest() + " is not in the store"),
                        Optional.of(document.version()));
            }
            return new Lookup.Present(attestation, document.bytes());
        } catch (RefusedException e) {
            return new Lookup.Absent(Optional.of(String.valueOf(e.getMessage())), Optional.of(document.version()));
        }
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
     * @return what exists now: this attestation, or the other writer's
     */
    public Lookup publish(Attestation attestation, Envelope envelope) {
        ArtifactKey key = attestation.key();
        String name = DocumentNames.attestation(key);
        byte[] json = envelope.toJson();
        Optional<String> written = attestations.put(name, json, null);
        Lookup now = find(key);
        // Each round either wrote, or lost to somebody who wrote.
        for (int round = 0; written.isEmpty() && now instanceof Lookup.Absent absent && round < 10; round++) {
            written = attestations.put(name, json, absent.version().orElse(null));
            now = find(key);
        }
        return now;
    }

    /** What is known of a key. */
    public sealed interface Lookup {
        /**
         * It exists.
         *
         * @param attestation verified
         * @param envelope its JSON as stored; not to be changed
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Present(Attestation attestation, byte[] envelope) implements Lookup {}

        /**
         * It does not.
         *
         * @param refused why what is stored does not count; empty if nothing is stored
         * @param version of the attestation that does not count; empty if none is stored
         */
        record Absent(Optional<String> refused, Optional<String> version) implements Lookup {}
    }
}
