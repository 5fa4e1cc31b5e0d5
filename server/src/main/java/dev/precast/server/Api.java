package dev.precast.server;

import dev.precast.cache.retirement.Sweeper;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.Warmups;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The parts of an API node that run until they are closed. */
@Singleton
record Api(
        Backend.Serving messages,
        Warmups warmups,
        Usages usages,
        Optional<Sweeper> sweeper,
        ApiWork work,
        QueueDepth depth,
        LaneMetrics lanes) {}
