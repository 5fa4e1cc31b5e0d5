package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A source that is told what hosts load, and tells it to hosts like them. Thread safe. */
public interface UsageService {
    /** Most modules of one report. */
    int MAX_REPORTED = 256;

    /**
     * Says what this host loaded since its last report.
     *
     * @param group of the host: lower-case letters, digits, dots, underscores and hyphens, at most 64
     * @param loads how often, by lane and module; at most {@link #MAX_REPORTED} modules in all
     */
    void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException;

    /**
     * The modules that hosts loaded, those loaded most first.
     *
     * @param group of the hosts that are meant, else all
     * @param within how long ago at most
     */
    List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException;
}
