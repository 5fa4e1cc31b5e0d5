package dev.precast.api.json;

import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request for a warm-up.
 *
 * @param modules digests
 * @param lists digests of stored module lists
 * @param usedWithin a duration such as {@code 7d}: also compile the modules that hosts loaded in this time before the
 *     request
 * @param group restricts {@code usedWithin} to hosts of this group; all hosts if missing
 * @param lanes the lanes; all registered lanes if missing
 */
public record WarmupRequest(
        @Nullable @Size(max = ModuleLists.MAX_MODULES) List<@NotNull @Size(max = 71) String> modules,
        @Nullable @Size(max = Warmups.MAX_LISTS) List<@NotNull @Size(max = 71) String> lists,
        @Nullable @Size(max = 16) String usedWithin,
        @Nullable @Size(max = 64) String group,
        @Nullable @Size(min = 1, max = 16) List<@NotNull @Valid LaneName> lanes) {}
