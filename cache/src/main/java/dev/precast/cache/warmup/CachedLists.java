package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.StoreException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Module lists with the ones that were read cached, because a warm-up takes one module after the other, in each lane at
 * another place. A warm-up has at most {@link Warmups#MAX_LISTS} lists. For one thread.
 */
final class CachedLists implements Function<Digest, List<ModuleDigest>> {
    private final ModuleLists lists;
    private final Map<Digest, List<ModuleDigest>> read = new HashMap<>();

    CachedLists(ModuleLists lists) {
        this.lists = lists;
    }

    @Override
    public List<ModuleDigest> apply(Digest list) {
        List<ModuleDigest> known = read.get(list);
        if (known == null) {
            known = lists.find(list)
                    .orElseThrow(() -> new StoreException(
                            "module list " + list + ": no longer stored; store it again", false, null));
            read.put(list, known);
        }
        return known;
    }
}
