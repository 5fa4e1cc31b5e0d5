package dev.precast.api.json;

import dev.precast.artifact.LaneId;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/**
 * A lane in a request.
 *
 * @param engine {@code name@version+revision}
 * @param engineHash {@code sha256:…}
 * @param config {@code sha256:…}
 * @param target such as {@code jvm}
 */
public record LaneName(
        @NotNull @Size(max = 128) String engine,
        @NotNull @Size(max = 71) String engineHash,
        @NotNull @Size(max = 71) String config,
        @NotNull @Size(max = 128) String target) {
    public LaneId id() {
        return Names.lane(engine, engineHash, config, target);
    }
}
