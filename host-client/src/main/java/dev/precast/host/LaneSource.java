package dev.precast.host;

import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.util.List;

/** A source that knows which lanes are served. Thread safe. */
public interface LaneSource {
    /** What is offered, in no order. */
    List<OfferedLane> lanes() throws IOException;
}
