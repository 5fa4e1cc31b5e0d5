package dev.precast.attestation;

import dev.precast.artifact.Digest;

/**
 * A digest and the number of bytes it covers.
 *
 * @param digest SHA-256 of the bytes
 * @param size in bytes, 0 to 2^53-1
 */
public record SizedDigest(Digest digest, long size) {
    /** @throws IllegalArgumentException if the size is out of range */
    public SizedDigest {
        if (size < 0 || size > (1L << 53) - 1) {
            throw new IllegalArgumentException("size: expected 0 to 2^53-1 bytes, found " + size);
        }
    }
}
