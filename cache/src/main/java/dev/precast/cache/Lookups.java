package dev.precast.cache;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.usage.Usages;
import java.util.List;
import java.util.stream.Gatherers;

/**
 * Answers for many modules at once what is known of them. Enqueues nothing.
 *
 * <p>Thread safe.
 */
public final class Lookups {
    /** Looks side by side, as a store at a distance wants it: one after the other, a thousand take longer than a client waits. */
    public static final int TOGETHER = 16;

    private final KeyStates standings;
    private final Modules modules;
    private final Usages usages;

    /** @param usages hears what was found */
    public Lookups(KeyStates standings, Modules modules, Usages usages) {
        this.standings = standings;
        this.modules = modules;
        this.usages = usages;
    }

    /**
     * What is known of each module. Looks on virtual threads of its own.
     *
     * @param lanes the lanes that are wanted, the most preferred first; at least one
     * @return in the order of {@code wanted}
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public List<Found> find(List<ModuleDigest> wanted, List<LaneId> lanes) {
        return wanted.stream()
                .gather(Gatherers.mapConcurrent(TOGETHER, (ModuleDigest module) -> find(module, lanes)))
                .toList();
    }

    private Found find(ModuleDigest module, List<LaneId> lanes) {
        KeyState first = standings.of(lanes.getFirst().key(module));
        KeyState standing = first;
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (lane > 0) {
                standing = standings.of(lanes.get(lane).key(module));
            }
            if (standing instanceof KeyState.Present) {
                usages.lookedUp(lanes.get(lane).key(module));
                return new Found(module, lane, standing, true);
            }
        }
        return new Found(module, 0, first, first instanceof KeyState.Absent && modules.holds(module));
    }

    /**
     * The answer for one module.
     *
     * @param lane index of the lane that it is about: the first that is present, else the first of the list
     * @param stored whether the module's bytes are there; looked at only where the standing is absent
     */
    public record Found(ModuleDigest module, int lane, KeyState standing, boolean stored) {}
}
