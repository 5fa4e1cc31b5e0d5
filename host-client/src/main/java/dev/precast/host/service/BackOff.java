package dev.precast.host.service;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pause after an exchange that was not complete in time: 1 s, doubled after each further such exchange, up to 60 s.
 * A complete exchange ends the pause. Thread safe.
 */
final class BackOff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final boolean enabled;
    private final ReentrantLock lock = new ReentrantLock();
    private Duration pause = Duration.ZERO;
    private long until;

    BackOff(boolean enabled) {
        this.enabled = enabled;
    }

    /** The whole pause if one is in progress, otherwise zero. */
    Duration pause() {
        lock.lock();
        try {
            return !pause.isZero() && System.nanoTime() - until < 0 ? pause : Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    /** @param complete whether the exchange was complete in time */
    void ended(boolean complete) {
        lock.lock();
        try {
            if (complete) {
                pause = Duration.ZERO;
            } else if (enabled) {
                Duration doubled = pause.isZero() ? FIRST : pause.multipliedBy(2);
                pause = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
                until = System.nanoTime() + pause.toNanos();
            }
        } finally {
            lock.unlock();
        }
    }
}
