package dev.precast.cache.outcome;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.Map;

/**
 * The terms on which a worker compiles for a lane. They decide which outcomes of other workers it could improve.
 *
 * @param pack digest of the pack
 * @param limits limits of each compilation
 * @param caps static caps, by name
 */
public record CompileTerms(Digest pack, Limits limits, JsonObject caps) {
    /**
     * Whether a compilation on these terms may end better than {@code outcome}: a cap under which the module was
     * rejected, or a limit that the compilation exceeded, is higher or does not exist. Packs are not compared.
     */
    boolean mayDoBetterThan(CompileOutcome outcome) {
        return switch (outcome) {
            case CompileOutcome.Rejected rejected -> hasHigherCapThan(rejected.caps());
            case CompileOutcome.Failed failed -> limits.mayDoBetterThan(failed.limits(), failed.cause());
        };
    }

    private boolean hasHigherCapThan(JsonObject earlier) {
        return earlier.members().entrySet().stream()
                .anyMatch(cap -> !(caps.members().get(cap.getKey()) instanceof Json.Int mine)
                        || !(cap.getValue() instanceof Json.Int refused)
                        || mine.value() > refused.value());
    }

    /**
     * These caps, each raised to the value in {@code earlier} if that is higher. Two workers of which each has one cap
     * higher than the other would otherwise reject a module in turns for ever.
     */
    public JsonObject capsRaisedTo(JsonObject earlier) {
        JsonObject raised = caps;
        for (Map.Entry<String, Json> cap : caps.members().entrySet()) {
            if (cap.getValue() instanceof Json.Int mine
                    && earlier.members().get(cap.getKey()) instanceof Json.Int other
                    && other.value() > mine.value()) {
                raised = raised.with(cap.getKey(), other);
            }
        }
        return raised;
    }
}
