package dev.precast.host;

import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.util.List;

/** A source that knows the served lanes. Thread safe. */
public interface LaneSource {
    /** The offered lanes, in any order. */
    List<OfferedLane> lanes() throws IOException;
}
