package dev.precast.precompiler;

import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.worker.InProcessWorkers;
import java.time.Instant;
import java.time.InstantSource;

/** What the workers of a fleet share besides the stores. Heartbeats do not expire. */
record Fleet(InProcessQueue queue, InProcessDeadLetters deadLetters, InProcessWorkers workers, InProcessEvents events) {
    static Fleet of(InstantSource clock) {
        return new Fleet(
                new InProcessQueue(100, clock),
                new InProcessDeadLetters(),
                new InProcessWorkers(InstantSource.fixed(Instant.EPOCH)),
                new InProcessEvents());
    }
}
