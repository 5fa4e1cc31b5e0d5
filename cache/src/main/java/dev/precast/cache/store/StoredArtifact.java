package dev.precast.cache.store;

import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.protocol.KeyState;
import java.util.Optional;

/**
 * An artifact that exists: its state, and the payload that its attestation names. The attestation was verified; its
 * other parts are left out to save memory.
 *
 * @param payload digest and size of the uncompressed payload
 * @param compressed digest and size of the payload's zstd form, if there is one
 */
public record StoredArtifact(KeyState.Present state, SizedDigest payload, Optional<SizedDigest> compressed) {
    static StoredArtifact of(Attestation attestation, byte[] envelope) {
        return new StoredArtifact(new KeyState.Present(envelope), attestation.payload(), attestation.compressed());
    }
}
