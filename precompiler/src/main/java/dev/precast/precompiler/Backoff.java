package dev.precast.precompiler;

import java.time.Duration;

/**
 * How long a failure stands: {@code base} after the first child, twice as long after each further one, a day at most.
 *
 * @param base after the first
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
