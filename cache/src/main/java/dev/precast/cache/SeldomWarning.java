package dev.precast.cache;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** A warning that others can cause at will: logged at most once a minute, with the number since. Thread safe. */
public final class SeldomWarning {
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

    private final System.Logger log;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final LongAdder unlogged = new LongAdder();

    /** @param log where the warning is logged */
    public SeldomWarning(System.Logger log) {
        this.log = log;
    }

    /** Logs the text, or only counts it if less than a minute has passed since the last one. */
    public void log(String text) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + PAUSE)) {
            unlogged.increment();
            return;
        }
        long before = unlogged.sumThenReset();
        log.log(Level.WARNING, before == 0 ? text : text + " (and " + before + " like it before)");
    }
}
