package dev.precast.api.json;

import dev.precast.protocol.LookupRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * The body of a lookup.
 *
 * @param modules digests, {@code sha256:…}
 * @param lanes most preferred first
 */
public record Lookup(
        @NotNull @Size(min = 1, max = LookupRequest.MAX_MODULES)
        List<@NotNull @Size(max = 71) String> modules,

        @NotNull @Size(min = 1, max = LookupRequest.MAX_LANES)
        List<@NotNull @Valid LaneName> lanes) {
    /** @throws ProblemException if a name is malformed */
    public LookupRequest request() {
        return new LookupRequest(
                modules.stream().map(Names::module).toList(),
                lanes.stream().map(LaneName::id).toList());
    }
}
