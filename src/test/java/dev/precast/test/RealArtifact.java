package dev.precast.test;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.VerifiedArtifact;
import dev.precast.protocol.KeyState;
import java.io.EOFException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/**
 * An artifact of Chicory from a real service.
 *
 * @param key the requested key
 * @param envelope the attestation as the service sent it
 * @param attestation the verified attestation
 * @param payload the payload, not compressed
 */
record RealArtifact(ArtifactKey key, byte[] envelope, Attestation attestation, byte[] payload) {
    private static final Duration WAIT = Duration.ofMinutes(3);

    static RealArtifact of(byte[] wasm, LocalService service) throws Exception {
        ServiceClient source = service.source();
        ArtifactKey key = JvmEngines.CHICORY.key(wasm);
        KeyState answer = source.compile(key, () -> wasm, WAIT);
        if (!(answer instanceof KeyState.Present present)) {
            throw new AssertionError("expected that " + key + " is compiled, found " + answer);
        }
        Attestation attestation = service.verifier().verify(present.envelope(), key, false);
        try (InputStream in = source.open(attestation)) {
            return new RealArtifact(key, present.envelope(), attestation, in.readAllBytes());
        }
    }

    /** What a host hands to the load side after it verified the attestation; there is no second source. */
    static VerifiedArtifact handed(Attestation attestation, byte[] payload) {
        return new VerifiedArtifact(attestation, new Bytes(payload), Set.of());
    }

    private record Bytes(byte[] bytes) implements Payload {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) throws EOFException {
            if (offset + length > bytes.length) {
                throw new EOFException("payload ends at " + bytes.length);
            }
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }

        @Override
        public boolean refetch() {
            return false;
        }
    }
}
