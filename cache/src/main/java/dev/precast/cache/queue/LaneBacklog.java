package dev.precast.cache.queue;

import dev.precast.artifact.Digest;
import java.time.Duration;

/**
 * What a queue holds for one lane.
 *
 * @param lane digest of the lane
 * @param requests number of requests, waiting and in progress, at least 1
 * @param oldest how long ago the oldest of them was added, at least 0
 */
public record LaneBacklog(Digest lane, long requests, Duration oldest) {
    /** An age below zero, which clocks that differ can cause, becomes zero. */
    public LaneBacklog {
        oldest = oldest.isNegative() ? Duration.ZERO : oldest;
    }
}
