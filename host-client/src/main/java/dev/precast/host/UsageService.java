package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A source to which hosts report the modules that they load, and which lists these modules. Thread safe. */
public interface UsageService {
    /** Maximum number of modules in a report. */
    int MAX_REPORTED = 256;

    /**
     * Reports the loads since the last report.
     *
     * @param group group of the host: 1 to 64 lower-case letters, digits, dots, underscores and hyphens
     * @param loads number of loads by lane and module; at most {@link #MAX_REPORTED} modules in total
     */
    void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException;

    /**
     * The modules that hosts loaded, most loaded first.
     *
     * @param group only hosts of this group; empty for all hosts
     * @param within maximum age of a load
     */
    List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException;
}
