package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.usage.Usages;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.LookupRequest.Result;
import java.util.List;
import java.util.stream.Gatherers;

/**
 * Looks up the states of many keys at once. A lookup enqueues nothing.
 *
 * <p>Thread safe.
 */
public final class Lookups {
    /**
     * Number of concurrent reads. Sequential reads of a thousand keys in a remote store would take longer than a client
     * waits.
     */
    public static final int TOGETHER = 16;

    private final KeyStates states;
    private final Modules modules;
    private final Usages usages;

    /** @param usages records the artifacts that lookups found */
    public Lookups(KeyStates states, Modules modules, Usages usages) {
        this.states = states;
        this.modules = modules;
        this.usages = usages;
    }

    /**
     * Returns one result for each module, in the order of the request: the first of the request's lanes that has an
     * artifact, or the state in the first lane if none has. Reads the store on virtual threads.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public List<Result> find(LookupRequest request) {
        return request.modules().stream()
                .gather(Gatherers.mapConcurrent(TOGETHER, (ModuleDigest module) -> find(module, request.lanes())))
                .toList();
    }

    private Result find(ModuleDigest module, List<LaneId> lanes) {
        KeyState first = states.of(lanes.getFirst().key(module));
        for (int lane = 0; lane < lanes.size(); lane++) {
            ArtifactKey key = lanes.get(lane).key(module);
            KeyState state = lane == 0 ? first : states.of(key);
            if (state instanceof KeyState.Present) {
                usages.lookedUp(key);
                return new Result(module, lane, state);
            }
        }
        return new Result(module, 0, withModule(first, module));
    }

    /**
     * The state of {@code key}. If the key is absent, the state says whether its module is stored.
     *
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public KeyState state(ArtifactKey key) {
        return withModule(states.of(key), key.module());
    }

    private KeyState withModule(KeyState state, ModuleDigest module) {
        return state instanceof KeyState.Absent ? new KeyState.Absent(modules.holds(module)) : state;
    }
}
