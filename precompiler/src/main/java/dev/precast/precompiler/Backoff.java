package dev.precast.precompiler;

import java.time.Duration;

/**
 * The back-off after failures: {@code base} after the first child start, doubled after each further one, at most a day.
 *
 * @param base back-off after the first child start
 */
record Backoff(Duration base) {
    /** @param attempts child starts so far, at least 1 */
    Duration after(int attempts) {
        Duration delay = base;
        for (int i = 1; i < attempts && delay.compareTo(PrecompilerConfig.RETRY_MAX) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(PrecompilerConfig.RETRY_MAX) < 0 ? delay : PrecompilerConfig.RETRY_MAX;
    }
}
