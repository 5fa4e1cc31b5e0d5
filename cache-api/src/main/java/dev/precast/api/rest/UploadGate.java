package dev.precast.api.rest;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.connection.EverySecond;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the number of concurrent uploads and enforces their minimum rate. A thread looks for slow ones every second.
 *
 * <p>Thread safe.
 */
public final class UploadGate implements AutoCloseable {
    private final Semaphore places;
    private final int most;
    private final long bytesPerSecond;
    private final Duration timeout;
    private final Ticker ticker;
    private final Set<Body> bodies = ConcurrentHashMap.newKeySet();
    private final EverySecond watch;

    /**
     * @param most maximum number of concurrent uploads
     * @param bytesPerSecond minimum rate of an upload
     * @param timeout how long an upload waits for its turn
     */
    public UploadGate(int most, long bytesPerSecond, Duration timeout, Ticker ticker) {
        this.places = new Semaphore(most);
        this.most = most;
        this.bytesPerSecond = bytesPerSecond;
        this.timeout = timeout;
        this.ticker = ticker;
        this.watch = new EverySecond("slow-bodies", () -> bodies.forEach(Body::cutIfSlow));
    }

    /** Waits until the upload may start; empty after the timeout. Pass a returned body to {@link #leave}. */
    Optional<Body> enter(InputStream in) throws InterruptedException {
        if (!places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        Body body = new Body(in, bytesPerSecond, ticker);
        bodies.add(body);
        return Optional.of(body);
    }

    void leave(Body body) {
        bodies.remove(body);
        places.release();
    }

    /** Maximum number of concurrent uploads. */
    int most() {
        return most;
    }

    @Override
    public void close() {
        watch.close();
    }
}
