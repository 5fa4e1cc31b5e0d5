package dev.precast.artifact;

/**
 * Says which engines load each other's artifacts: those with equal hashes do.
 *
 * @param digest SHA-256
 */
public record EngineHash(Digest digest) {
    /**
     * Reads {@code sha256:<64 hex>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static EngineHash parse(String text) {
        return new EngineHash(Digest.parse(text));
    }

    /** {@code sha256:<64 hex>}. */
    @Override
    public String toString() {
        return digest.toString();
    }
}
