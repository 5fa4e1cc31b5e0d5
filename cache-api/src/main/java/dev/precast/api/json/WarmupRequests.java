package dev.precast.api.json;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import dev.precast.protocol.ProblemCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts warm-ups that REST and NATS clients request.
 *
 * <p>Thread safe.
 */
public final class WarmupRequests {
    private final Warmups warmups;
    private final ModuleLists lists;
    private final Usages usages;

    public WarmupRequests(Warmups warmups, ModuleLists lists, Usages usages) {
        this.warmups = warmups;
        this.lists = lists;
        this.usages = usages;
    }

    /**
     * Stores the modules of the request as module lists and starts the warm-up.
     *
     * @throws ProblemException if the request is malformed or the warm-up could not be started
     */
    public Reply begin(WarmupRequest request) {
        List<Digest> named = new ArrayList<>();
        if (request.lists() != null) {
            request.lists().forEach(list -> named.add(Names.digest(list)));
        }
        if (request.modules() != null) {
            named.addAll(
                    lists.putAll(request.modules().stream().map(Names::module).toList()));
        }
        if (request.usedWithin() != null) {
            named.addAll(lists.putAll(used(request.usedWithin(), request.group())));
        } else if (request.lists() == null && request.modules() == null) {
            throw bad("warm-up: expected modules, lists or usedWithin, found none");
        }
        if (named.size() > Warmups.MAX_LISTS) {
            throw bad("warm-up: expected at most " + Warmups.MAX_LISTS + " lists of " + ModuleLists.MAX_MODULES
                    + " modules, found " + named.size() + " lists");
        }
        List<LaneId> lanes = request.lanes() == null
                ? List.of()
                : request.lanes().stream().map(LaneName::id).toList();
        return Reply.of(warmups.begin(named, lanes));
    }

    private static ProblemException bad(String why) {
        return new ProblemException(ProblemCode.BAD_REQUEST, why);
    }

    /** The modules that hosts loaded, sorted by digest, so that the same modules give the same warm-up. */
    private List<ModuleDigest> used(String within, @Nullable String group) {
        return usages.modules(Optional.ofNullable(group).map(Names::group), Names.time("usedWithin", within)).stream()
                .sorted(Comparator.comparing(ModuleDigest::digest))
                .toList();
    }
}
