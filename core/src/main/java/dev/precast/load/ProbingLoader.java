package dev.precast.load;

import dev.precast.artifact.Lane;
import java.util.List;

/**
 * A loader that must load one artifact of a lane to learn whether all of the lane's artifacts load, because engines
 * with different hashes may load each other's artifacts. A starting host tries to load the artifact of the empty module
 * in each lane of {@link #worthTrying}, and accepts the lanes in which that succeeds.
 *
 * @param <M> the engine's own type of a loaded module
 */
public interface ProbingLoader<M> extends EngineLoader<M> {
    /** Selects the lanes to try, most preferred first, at most 16 (the limit of a lookup). */
    List<Lane> worthTrying(List<OfferedLane> offered);
}
