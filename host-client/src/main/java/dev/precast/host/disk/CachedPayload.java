package dev.precast.host.disk;

import dev.precast.artifact.Payload;
import dev.precast.artifact.PayloadFile;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A payload that is downloaded again if its bytes are damaged: the first time to the disk cache, the second time to the
 * heap.
 */
public final class CachedPayload implements Payload {
    private static final int MAX_REFETCHES = 2;

    private final Refill refill;
    private final ReentrantLock refetching = new ReentrantLock();
    private volatile State state;

    public CachedPayload(StoredBytes bytes, Refill refill) {
        this.refill = refill;
        this.state = new State(bytes, 0);
    }

    @Override
    public long size() throws IOException {
        return state.bytes.size();
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
        return state.bytes.read(offset, length);
    }

    @Override
    public Optional<PayloadFile> file() {
        return Optional.ofNullable(state.bytes.verified());
    }

    @Override
    public boolean refetch() throws IOException {
        State damaged = state;
        refetching.lock();
        try {
            if (state.refetches != damaged.refetches) {
                return true;
            }
            if (damaged.refetches == MAX_REFETCHES) {
                return false;
            }
            boolean toHeap = damaged.refetches > 0;
            state = new State(refill.fetch(toHeap), damaged.refetches + 1);
            return true;
        } finally {
            refetching.unlock();
        }
    }

    private record State(StoredBytes bytes, int refetches) {}

    /** Downloads the bytes again and verifies them as a whole. */
    public interface Refill {
        StoredBytes fetch(boolean toHeap) throws IOException;
    }
}
