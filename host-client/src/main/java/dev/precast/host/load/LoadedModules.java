package dev.precast.host.load;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.artifact.ModuleDigest;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A limited number of modules in memory. The first few are in a plain map, because in a fresh JVM creating a Caffeine
 * cache takes as long as a load, and hosts with few modules do not need it. Thread safe.
 *
 * @param <M> the engine's own type of a loaded module
 */
public final class LoadedModules<M> {
    private static final int FEW = 32;

    private final long max;
    private final ConcurrentHashMap<ModuleDigest, Loaded<M>> few = new ConcurrentHashMap<>();
    private volatile @Nullable Cache<ModuleDigest, Loaded<M>> many;

    public LoadedModules(long max) {
        this.max = max;
    }

    @Nullable
    public Loaded<M> find(ModuleDigest module) {
        Loaded<M> found = few.get(module);
        Cache<ModuleDigest, Loaded<M>> cache = many;
        return found != null || cache == null ? found : cache.getIfPresent(module);
    }

    public synchronized void put(ModuleDigest module, Loaded<M> loaded) {
        Cache<ModuleDigest, Loaded<M>> cache = many;
        if (cache != null) {
            cache.put(module, loaded);
            return;
        }
        few.put(module, loaded);
        if (few.size() > Math.min(FEW, max)) {
            cache = Caffeine.newBuilder()
                    .maximumSize(max)
                    .executor(Runnable::run)
                    .build();
            cache.putAll(few);
            many = cache;
            few.clear();
        }
    }

    public synchronized void remove(ModuleDigest module) {
        few.remove(module);
        Cache<ModuleDigest, Loaded<M>> cache = many;
        if (cache != null) {
            cache.invalidate(module);
        }
    }
}
