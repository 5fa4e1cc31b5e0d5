package dev.precast.artifact;

/**
 * The digest of a config's canonical JSON.
 *
 * @param digest SHA-256
 */
public record ConfigHash(Digest digest) {
    /**
     * Parses {@code sha256:<64 hex>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ConfigHash parse(String text) {
        return new ConfigHash(Digest.parse(text));
    }

    /** {@code sha256:<64 hex>}. */
    @Override
    public String toString() {
        return digest.toString();
    }
}
