package dev.precast.load;

import dev.precast.artifact.Lane;
import java.util.List;

/**
 * An engine for which only trying tells whether a lane loads: different engine hashes may load each other's artifacts. So
 * what is offered is tried at start, by loading the artifact of the empty module, and what loads is accepted.
 *
 * @param <M> the engine's own type of a loaded module
 */
public interface ProbingLoader<M> extends EngineLoader<M> {
    /** Those that are worth a try, most preferred first, and no more than a lookup may name (16). */
    List<Lane> worthTrying(List<OfferedLane> offered);
}
