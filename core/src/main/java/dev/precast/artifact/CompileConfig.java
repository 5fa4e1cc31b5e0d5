package dev.precast.artifact;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;

/**
 * The options that change the compiled code, as a JSON object. Options that have their default values are included.
 *
 * @param options the options; {@code equals} and {@link #hash} use the canonical JSON
 */
public record CompileConfig(JsonObject options) {
    /** Maximum size of the canonical form, in bytes. */
    public static final int MAX_BYTES = 16 * 1024;

    /** @throws IllegalArgumentException if the canonical form is larger than {@link #MAX_BYTES} */
    public CompileConfig {
        int size = options.canonical().getBytes(StandardCharsets.UTF_8).length;
        if (size > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "config: too large (expected at most " + MAX_BYTES + " bytes, found " + size + ")");
        }
    }

    /**
     * Parses a JSON object, which need not be canonical.
     *
     * @throws dev.precast.json.JsonException if it is not strict JSON
     */
    public static CompileConfig parse(String json) {
        return new CompileConfig(Json.parse(json).asObject("config"));
    }

    /** The canonical JSON (RFC 8785). */
    public String canonical() {
        return options.canonical();
    }

    /** SHA-256 of the canonical JSON's UTF-8 bytes. */
    public ConfigHash hash() {
        return new ConfigHash(Digest.of(canonical().getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return canonical();
    }
}
