package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.StoreException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads module lists and caches the last one. Not thread safe. */
final class CachedLists implements Function<Digest, List<ModuleDigest>> {
    private final ModuleLists lists;
    private @Nullable Digest last;
    private List<ModuleDigest> modules = List.of();

    CachedLists(ModuleLists lists) {
        this.lists = lists;
    }

    @Override
    public List<ModuleDigest> apply(Digest list) {
        if (!list.equals(last)) {
            modules = lists.find(list)
                    .orElseThrow(() -> new StoreException(
                            "module list " + list + ": no longer stored; store it again", false, null));
            last = list;
        }
        return modules;
    }
}
