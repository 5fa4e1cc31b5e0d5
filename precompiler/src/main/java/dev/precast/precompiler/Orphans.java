package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Kills orphaned descendants of children, which this process has adopted. Not thread safe; no child may start
 * meanwhile, since it would count as an orphan.
 */
final class Orphans {
    private static final int MOST_ROUNDS = 5000;
    /** The kernel may list none for a moment, while one process of a chain ends and the next is adopted. */
    private static final int ROUNDS_WITHOUT = 5;

    private final long self = ProcessHandle.current().pid();
    /** The kernel gives orphans to the first thread. Absent in kernels without CONFIG_PROC_CHILDREN. */
    private final Path children = Path.of("/proc/self/task", String.valueOf(self), "children");

    private final Set<Long> started;

    /** @param started process ids of the children that this process has started itself */
    Orphans(Set<Long> started) {
        this.started = started;
    }

    /** Kills the orphans in a table of all processes, and reaps those that have ended. Returns whether any was alive. */
    boolean kill(Map<Long, ProcessTable.Row> now) {
        boolean found = false;
        for (ProcessTable.Row row : now.values()) {
            if (row.parent() == self && isOrphan(row.pid())) {
                found |= !row.ended();
                end(row.pid());
            }
        }
        return found;
    }

    /**
     * Kills orphans until there are none, or for a fraction of a second. In a chain of processes that fork and exit, each
     * lives for about a millisecond. Reading the table of all processes takes longer; reading the list of this process's
     * children takes microseconds. Returns whether there was one.
     */
    boolean chase() {
        boolean ever = false;
        int without = 0;
        for (int round = 0; round < MOST_ROUNDS && without < ROUNDS_WITHOUT; round++) {
            Optional<String> found = list();
            if (found.isEmpty()) {
                return ever;
            }
            boolean any = false;
            for (String pid : found.get().strip().split(" ")) {
                if (!pid.isEmpty() && isOrphan(Long.parseLong(pid))) {
                    any = true;
                    end(Long.parseLong(pid));
                }
            }
            ever |= any;
            without = any ? 0 : without + 1;
        }
        return ever;
    }

    private Optional<String> list() {
        try {
            return Optional.of(Files.readString(children));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void end(long pid) {
        Libc.get().ifPresent(libc -> {
            libc.kill(pid);
            libc.reap(pid);
        });
    }

    /** Children have no_new_privs, which their descendants cannot remove. */
    private boolean isOrphan(long pid) {
        if (started.contains(pid)) {
            return false;
        }
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).contains("NoNewPrivs:\t1");
        } catch (IOException e) {
            return false;
        }
    }
}
