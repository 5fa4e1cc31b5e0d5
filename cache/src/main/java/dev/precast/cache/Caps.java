package dev.precast.cache;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Map;

/** Compares static caps by name. */
final class Caps {
    private Caps() {}

    /** Whether a module that {@code earlier} refused may pass {@code now}: a cap rose, or is gone. */
    static boolean wider(JsonObject now, JsonObject earlier) {
        for (Map.Entry<String, Json> cap : earlier.members().entrySet()) {
            Json offered = now.members().get(cap.getKey());
            if (!(offered instanceof Json.Int higher)
                    || !(cap.getValue() instanceof Json.Int lower)
                    || higher.value() > lower.value()) {
                return true;
            }
        }
        return false;
    }
}
