package dev.precast.artifact;

/**
 * Identifies what an engine can load: engines with equal hashes load each other's artifacts.
 *
 * @param digest SHA-256
 */
public record EngineHash(Digest digest) {
    /**
     * Parses {@code sha256:<64 hex>}.
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
