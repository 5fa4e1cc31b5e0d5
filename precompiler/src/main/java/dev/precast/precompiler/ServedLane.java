package dev.precast.precompiler;

import dev.precast.cache.worker.LaneOffer;

/**
 * A lane that this worker serves, with its pack.
 *
 * @param pack compiles for the lane
 * @param offer the registered offer
 */
record ServedLane(EnginePack pack, LaneOffer offer) {}
