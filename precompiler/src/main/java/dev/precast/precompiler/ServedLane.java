package dev.precast.precompiler;

import dev.precast.cache.worker.LaneOffer;

/**
 * A lane that this worker serves, and the pack that does it.
 *
 * @param pack what compiles
 * @param offer what is registered
 */
record ServedLane(EnginePack pack, LaneOffer offer) {}
