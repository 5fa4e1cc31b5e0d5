package dev.precast.load;

import dev.precast.artifact.Lane;
import java.util.List;

/**
 * A loader that must try a lane to learn whether its artifacts load, because engines with different hashes may load
 * each other's artifacts. A starting host loads each offered lane's artifact of the empty module and accepts the lanes
 * that load.
 *
 * @param <M> the engine's own type of a loaded module
 */
public interface ProbingLoader<M> extends EngineLoader<M> {
    /** Selects the lanes to try, most preferred first, at most 16 (the limit of a lookup). */
    List<Lane> worthTrying(List<OfferedLane> offered);
}
