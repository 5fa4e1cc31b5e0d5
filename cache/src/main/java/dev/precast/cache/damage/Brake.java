package dev.precast.cache.damage;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Limits how many artifacts a process deletes. A machine with bad memory sees damage everywhere and would otherwise
 * delete a whole store. Thread safe.
 */
final class Brake {
    private static final Duration PERIOD = Duration.ofHours(1);
    /** Deletions that are always allowed in a period. */
    static final int ALWAYS = 20;
    /** Beyond these, one of so many checks may end with a deletion. */
    private static final int SHARE = 20;

    private final InstantSource clock;
    private Instant begun;
    private int checks;
    private int deletions;

    Brake(InstantSource clock) {
        this.clock = clock;
        this.begun = clock.instant();
    }

    synchronized void checked() {
        if (!clock.instant().isBefore(begun.plus(PERIOD))) {
            begun = clock.instant();
            checks = 0;
            deletions = 0;
        }
        checks++;
    }

    /** Whether one more artifact may be deleted; if so, counts it. */
    synchronized boolean allows() {
        if (deletions >= ALWAYS && deletions >= checks / SHARE) {
            return false;
        }
        deletions++;
        return true;
    }
}
