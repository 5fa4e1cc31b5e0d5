package dev.precast.nats;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** A warning that others can cause at will: logged at most once a minute, with the number since. Thread safe. */
final class SeldomWarning {
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

    private final System.Logger log;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final LongAdder unlogged = new LongAdder();

    SeldomWarning(System.Logger log) {
        this.log = log;
    }

    void log(String text) {
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
