package dev.precast.api.json;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LookupRequest.Result;
import dev.precast.protocol.Paths;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to a lookup.
 *
 * @param results one for each module, in the order of the request: JSON members by name
 */
public record LookupReply(List<Map<String, Object>> results) {
    /** @param lanes the lanes of the request */
    public static LookupReply of(List<Result> results, List<LaneId> lanes) {
        return new LookupReply(
                results.stream().map(result -> members(result, lanes)).toList());
    }

    private static Map<String, Object> members(Result result, List<LaneId> lanes) {
        Map<String, Object> members = members(lanes.get(result.lane()).key(result.module()), result.state());
        members.put("module", result.module().toString());
        members.put("lane", result.lane());
        return members;
    }

    /** The members of the state. A present state also has {@code href}, the path of the payload. */
    static Map<String, Object> members(ArtifactKey key, KeyState state) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (state instanceof KeyState.Present present) {
            members.put("state", present.label());
            members.put("href", Paths.artifact(key));
            // Written as stored: parsing a thousand attestations would take longer than the rest of a lookup.
            members.put("attestation", new RawValue(new String(present.envelope(), StandardCharsets.UTF_8)));
        } else {
            state.toJson().members().forEach((name, value) -> members.put(name, new RawValue(value.canonical())));
        }
        return members;
    }
}
