package dev.precast.cache.queue;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A queue that delivers no requests to this worker while a gate is closed, for example because the store does not
 * answer. Workers with an open gate may take the requests.
 */
public final class GatedQueue implements CompileQueue {
    private final CompileQueue inner;
    private final BooleanSupplier open;

    /** @param open the gate, called before each take; must return quickly and must not throw */
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
