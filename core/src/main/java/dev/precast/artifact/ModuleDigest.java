package dev.precast.artifact;

/**
 * The digest of a module's wasm bytes; for an OCI wasm image, the digest of its layer.
 *
 * @param digest SHA-256
 */
public record ModuleDigest(Digest digest) {
    /**
     * Parses {@code sha256:<64 hex>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ModuleDigest parse(String text) {
        return new ModuleDigest(Digest.parse(text));
    }

    /** The digest of {@code wasm}. */
    public static ModuleDigest of(byte[] wasm) {
        return new ModuleDigest(Digest.of(wasm));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModuleDigest that && digest.equals(that.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    /** {@code sha256:<64 hex>}. */
    @Override
    public String toString() {
        return digest.toString();
    }
}
