package dev.precast.cache.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Bounds times in the future that other machines wrote, because their clocks may be wrong. Something with a known length,
 * such as a lease or a back-off, ends for this process at the latest when that length has passed, by its own clock, since
 * it first read about it. Remembers the time of the first read only for ends that are too far in the future, at most
 * 10,000 of them.
 *
 * <p>Thread safe.
 */
public final class ForeignTimes {
    private static final int MOST = 10_000;

    private final InstantSource clock;
    private final Cache<Object, Instant> firstRead =
            Caffeine.newBuilder().maximumSize(MOST).build();

    public ForeignTimes(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * The end of something, bounded by this process' clock.
     *
     * @param writing identifies what was read; when another machine writes about the same subject again, the new writing
     *     must not be equal
     * @param end the end that the writer wrote
     * @param length time from the writing to the end
     */
    public Instant end(Object writing, Instant end, Duration length) {
        Instant now = clock.instant();
        boolean plausible = !end.isAfter(now.plus(length));
        Instant read = plausible ? firstRead.getIfPresent(writing) : firstRead.get(writing, w -> now);
        if (read == null) {
            return end;
        }
        Instant latest = read.plus(length);
        return end.isBefore(latest) ? end : latest;
    }

    /** Whether {@link #end} has passed. */
    public boolean hasPassed(Object writing, Instant end, Duration length) {
        return !clock.instant().isBefore(end(writing, end, length));
    }

    /** Whether something that began at {@code begin} and lasts for {@code length} has ended. */
    public boolean hasEnded(Object writing, Instant begin, Duration length) {
        return hasPassed(writing, begin.plus(length), length);
    }
}
