package dev.precast.cache.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Logs and counts damaged objects, each at most once a day, because readers find the same damage again and again.
 *
 * <p>Thread safe.
 */
public final class DamageLog {
    private static final System.Logger LOG = System.getLogger(DamageLog.class.getName());
    private static final Duration QUIET = Duration.ofDays(1);
    private static final int MAX_OBJECTS = 10_000;

    /** The log of this process. Logs warnings. */
    public static final DamageLog SHARED = new DamageLog(Ticker.systemTicker(), DamageLog::warn);

    private final Cache<String, Boolean> known;
    private final Consumer<String> log;
    private final AtomicLong count = new AtomicLong();

    /** @param log takes the messages */
    DamageLog(Ticker ticker, Consumer<String> log) {
        this.known = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(QUIET)
                .maximumSize(MAX_OBJECTS)
                .build();
        this.log = log;
    }

    /**
     * Records that an object is damaged.
     *
     * @param what names the object
     * @param problem what is wrong with it and what happens now
     */
    public void found(String what, String problem) {
        if (known.asMap().putIfAbsent(what, true) == null) {
            count.incrementAndGet();
            log.accept(what + ": damaged: " + problem);
        }
    }

    /** Number of damaged objects since the start of the process; the same object counts again after a day. */
    public long count() {
        return count.get();
    }

    private static void warn(String message) {
        LOG.log(Level.WARNING, message);
    }
}
