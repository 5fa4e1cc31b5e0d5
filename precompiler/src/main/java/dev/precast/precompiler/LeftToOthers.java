package dev.precast.precompiler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.artifact.ArtifactKey;
import java.time.Duration;

/**
 * The delays of requests that this worker returns to the queue because another worker may do better. The queue may
 * deliver a request to this worker again and again while the other one is busy, so the delay doubles each time.
 *
 * <p>Thread safe.
 */
final class LeftToOthers {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(15);
    private static final Duration REMEMBERED = Duration.ofMinutes(2);
    private static final int MOST_KEYS = 10_000;

    private final Cache<ArtifactKey, Duration> delays = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(MOST_KEYS)
            .build();

    /** Forgets a key, because its request was answered. */
    void answered(ArtifactKey key) {
        delays.invalidate(key);
    }

    /** How long the queue must keep the request this time. Each call doubles the next delay of the key. */
    Duration delay(ArtifactKey key) {
        return delays.asMap().merge(key, FIRST, (last, first) -> {
            Duration twice = last.multipliedBy(2);
            return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
        });
    }
}
