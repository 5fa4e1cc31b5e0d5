package dev.precast.api.json;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * Asks what is known of modules.
 *
 * @param modules digests, {@code sha256:…}
 * @param lanes most preferred first
 */
public record LookupRequest(
        @NotNull @Size(min = 1, max = 1000) List<@NotNull @Size(max = 71) String> modules,
        @NotNull @Size(min = 1, max = 16) List<@NotNull @Valid LaneName> lanes) {
    /** @throws ProblemException if one is malformed */
    public List<ModuleDigest> moduleDigests() {
        return modules.stream().map(Names::module).toList();
    }

    /** @throws ProblemException if one is malformed */
    public List<LaneId> laneIds() {
        return lanes.stream().map(LaneName::id).toList();
    }
}
