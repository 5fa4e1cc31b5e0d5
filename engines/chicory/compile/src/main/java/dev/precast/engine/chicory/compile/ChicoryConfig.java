package dev.precast.engine.chicory.compile;

import dev.precast.artifact.CompileConfig;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Set;

/**
 * The options of a config of this pack.
 *
 * @param functionsPerClass maximum number of functions per generated class, 1 to 12,288; the compiler halves it until
 *     each class is small enough
 * @param interpretTooLarge true to interpret functions that are too large for a JVM method, false to reject their
 *     module
 */
record ChicoryConfig(int functionsPerClass, boolean interpretTooLarge) {
    private static final String PER_CLASS = "functionsPerClass";
    private static final String FALLBACK = "interpreterFallback";

    /** The config of the default profile. */
    static ChicoryConfig defaults() {
        return of(ChicoryFormat.DEFAULT_CONFIG);
    }

    /** @throws JsonException if the text is not a config of this pack */
    static ChicoryConfig parse(String json) {
        return of(CompileConfig.parse(json));
    }

    /** @throws JsonException if an option is missing, unknown or out of its range */
    static ChicoryConfig of(CompileConfig config) {
        JsonObject options = config.options().only("config", Set.of(PER_CLASS, FALLBACK));
        String fallback = options.string(FALLBACK);
        if (!fallback.equals("silent") && !fallback.equals("fail")) {
            throw new JsonException(FALLBACK + ": expected silent or fail, found " + fallback);
        }
        return new ChicoryConfig((int) options.integer(PER_CLASS, 1, 12_288), fallback.equals("silent"));
    }
}
