package dev.precast.host;

import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.util.List;

/** A source that can list the lanes that its service offers. Thread safe. */
public interface LaneSource {
    /** The offered lanes, in any order. */
    List<OfferedLane> lanes() throws IOException;
}
