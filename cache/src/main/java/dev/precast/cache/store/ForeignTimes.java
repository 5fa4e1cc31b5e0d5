package dev.precast.cache.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Bounds times in the future that other machines wrote, because their clocks may be wrong. What lasts for a while ends, by
 * this process' own clock, at most that while after this process first read it. Remembers when it read what lasts too
 * long, for up to 10,000 writings.
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
     * @param writing what was read, with an equality of its own: another writing of the same subject is not equal
     * @param end the end that the writer wrote
     * @param length how long it lasts from its writing on
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
