package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Hands out no request while a gate is closed, such as that of a store that does not answer: a worker could not finish
 * it, and another one may.
 */
public final class GatedQueue implements CompileQueue {
    private final CompileQueue inner;
    private final BooleanSupplier open;

    /** @param open asked before each take; must be quick and must not throw */
    public GatedQueue(CompileQueue inner, BooleanSupplier open) {
        this.inner = inner;
        this.open = open;
    }

    @Override
    public Enqueued enqueue(CompileRequest request) {
        return inner.enqueue(request);
    }

    @Override
    public Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
        if (!open.getAsBoolean()) {
            Thread.sleep(wait.toMillis());
            return Optional.empty();
        }
        return inner.take(lanes, wait);
    }

    @Override
    public boolean holds(ArtifactKey key) {
        return inner.holds(key);
    }
}
