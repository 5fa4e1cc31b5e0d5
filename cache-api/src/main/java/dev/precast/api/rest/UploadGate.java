package dev.precast.api.rest;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many bodies are taken at a time, and how slowly they may come.
 *
 * <p>Thread safe.
 */
public final class UploadGate {
    private final Semaphore places;
    private final int most;
    private final long bytesPerSecond;
    private final Duration patience;

    /**
     * @param most uploads at a time
     * @param bytesPerSecond slowest rate that is borne
     * @param patience how long a request waits for a place
     */
    public UploadGate(int most, long bytesPerSecond, Duration patience) {
        this.places = new Semaphore(most);
        this.most = most;
        this.bytesPerSecond = bytesPerSecond;
        this.patience = patience;
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** Waits for a place; whoever got one calls {@link #leave}. */
    boolean enter() throws InterruptedException {
        return places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    void leave() {
        places.release();
    }

    int most() {
        return most;
    }
}
