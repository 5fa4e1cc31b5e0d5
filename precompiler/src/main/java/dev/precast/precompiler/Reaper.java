package dev.precast.precompiler;

import java.lang.System.Logger.Level;
import java.util.Set;

/**
 * Reaps at all times the orphans that this process adopted. Otherwise, orphans that end while no child runs would count
 * towards the limit on processes until no child could start.
 */
final class Reaper {
    private static final System.Logger LOG = System.getLogger(Reaper.class.getName());
    private static final long PAUSE_MILLIS = 1_000;
    private static final long PAUSE_AMONG_ORPHANS_MILLIS = 50;

    private final Libc libc;
    private final Supervision supervision;
    /** The zombie of the previous round; 0 if there was none. */
    private long before;

    private boolean troubled;

    Reaper(Libc libc, Supervision supervision) {
        this.libc = libc;
        this.supervision = supervision;
    }

    /** Starts a thread that reaps until this process ends. */
    void start() {
        Thread.ofPlatform().daemon().name("precast-reaper").start(() -> {
            try {
                while (true) {
                    Thread.sleep(round() ? PAUSE_AMONG_ORPHANS_MILLIS : PAUSE_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private boolean round() {
        try {
            boolean orphans = reap();
            troubled = false;
            return orphans;
        } catch (SupervisorTroubleException | RuntimeException | Error e) {
            if (!troubled) {
                LOG.log(Level.WARNING, "zombies: cannot be reaped at the moment: " + e);
            }
            troubled = true;
            return false;
        }
    }

    /** Reaps zombies and kills orphans. Returns whether there were orphans. */
    private boolean reap() throws SupervisorTroubleException {
        long zombie = libc.zombie();
        if (zombie == 0) {
            before = 0;
            return false;
        }
        if (zombie == before && !supervision.hasStarted(zombie)) {
            // An adopted orphan: Java would have reaped a process of its own since the previous round.
            libc.reap(zombie);
        }
        before = zombie;
        return supervision.look(Set.of()).orphans();
    }
}
