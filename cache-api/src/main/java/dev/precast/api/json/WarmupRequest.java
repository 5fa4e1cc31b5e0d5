package dev.precast.api.json;

import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a warm-up.
 *
 * @param modules digests
 * @param lists digests of lists that were sent before
 * @param usedWithin those that hosts loaded in that time, such as {@code 7d}
 * @param group of the hosts that are meant; all if it is not there
 * @param lanes for what; all that are registered if it is not there
 */
public record WarmupRequest(
        @Nullable @Size(max = ModuleLists.MAX_MODULES) List<@NotNull @Size(max = 71) String> modules,
        @Nullable @Size(max = Warmups.MAX_LISTS) List<@NotNull @Size(max = 71) String> lists,
        @Nullable @Size(max = 16) String usedWithin,
        @Nullable @Size(max = 64) String group,
        @Nullable @Size(min = 1, max = 16) List<@NotNull @Valid LaneName> lanes) {}
