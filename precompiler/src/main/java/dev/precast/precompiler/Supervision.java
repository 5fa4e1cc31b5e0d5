package dev.precast.precompiler;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What this process is to its children: unreadable, and the parent of every descendant that lost its own. Such an
 * orphan is killed when it is seen, whichever child it came from. One for the whole process, since that is what the
 * kernel knows.
 *
 * <p>Thread safe.
 */
final class Supervision {
    private static final System.Logger LOG = System.getLogger(Supervision.class.getName());
    private static final Supervision INSTANCE = new Supervision();
    private static final int KILL_ROUNDS = 400;

    private final ProcessTable table = ProcessTable.ofThisSystem();
    private final Set<Long> started = ConcurrentHashMap.newKeySet();
    /** Starting is reading: many at a time, but none while orphans are told from those just started. */
    private final ReadWriteLock starting = new ReentrantReadWriteLock();

    private final Landlock.Support landlock = Landlock.detect();
    private final boolean adopts;

    private Supervision() {
        adopts = Libc.get()
                .map(libc -> libc.adoptOrphans() & libc.hideFromOthers())
                .orElse(false);
        if (!adopts || !table.knowsMemory()) {
            LOG.log(
                    Level.WARNING,
                    "children are watched with what Java tells of processes: no limit on memory, and a descendant that"
                            + " leaves its parent at once is not found");
        }
    }

    static Supervision ofThisProcess() {
        return INSTANCE;
    }

    /** Why children can open or empty what this process can; empty if they cannot. */
    Optional<String> unconfined() {
        return switch (landlock) {
            case Landlock.Support.Available available ->
                Landlock.tooOld(available.landlock().version());
            case Landlock.Support.Missing missing -> Optional.of(missing.why());
        };
    }

    /** What children that are confined can do beside that, on this kernel. */
    Optional<String> leftOpen() {
        return switch (landlock) {
            case Landlock.Support.Available available ->
                Landlock.leftOpen(available.landlock().version());
            case Landlock.Support.Missing missing -> Optional.empty();
        };
    }

    /**
     * Starts a child in its folder; {@link #ended} takes it off the books. Only from a platform thread.
     *
     * @param readable what it may read and execute besides the system's programs and the JDK, where it is confined
     */
    Process start(ProcessBuilder builder, List<Path> readable) throws IOException {
        FutureTask<Process> start = new FutureTask<>(() -> {
            restrictThisThread(builder, readable);
            return builder.start();
        });
        starting.readLock().lock();
        try {
            // In a thread of its own, since what is forbidden to a thread stays forbidden.
            Thread.ofPlatform().name("precast-child-start").start(start);
            Process process = resultOf(start, builder);
            started.add(process.pid());
            return process;
        } finally {
            starting.readLock().unlock();
        }
    }

    private void restrictThisThread(ProcessBuilder builder, List<Path> readable) throws IOException {
        switch (landlock) {
            case Landlock.Support.Available available -> {
                List<Path> all = new ArrayList<>(readable);
                all.add(Path.of(System.getProperty("java.home")));
                available.landlock().restrictThisThread(all, builder.directory().toPath());
            }
            case Landlock.Support.Missing missing -> Libc.get().ifPresent(Libc::forbidNewPrivileges);
        }
    }

    private static Process resultOf(FutureTask<Process> start, ProcessBuilder builder) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return start.get();
                } catch (InterruptedException e) {
                    interrupted = true; // A child that was started has to come to be known.
                } catch (ExecutionException e) {
                    throw new IOException("starting " + builder.command().get(0) + ": " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void ended(Process process) {
        started.remove(process.pid());
    }

    /** Kills what is left of a tree, and all orphans. */
    void kill(Process process, ProcessTree tree) throws InterruptedException {
        for (int round = 0; round < KILL_ROUNDS; round++) {
            Look look = look(Set.of());
            tree.update(look.table());
            List<ProcessTable.Row> living = tree.living(look.table());
            if (living.isEmpty() && !process.isAlive() && !look.orphans()) {
                return;
            }
            process.destroyForcibly();
            living.forEach(this::kill);
            Thread.sleep(round < 10 ? 1 : 10);
        }
        LOG.log(Level.ERROR, "child " + process.pid() + " has descendants that could not be killed");
    }

    private void kill(ProcessTable.Row row) {
        Libc.get()
                .ifPresentOrElse(
                        libc -> libc.kill(row.pid()),
                        () -> ProcessHandle.of(row.pid()).ifPresent(ProcessHandle::destroyForcibly));
    }

    /** Looks at all processes but {@code except}, and kills orphans on the way. */
    Look look(Set<Long> except) {
        starting.writeLock().lock();
        try {
            Map<Long, ProcessTable.Row> now = table.read(except);
            return new Look(now, adopts && killOrphans(now));
        } finally {
            starting.writeLock().unlock();
        }
    }

    private boolean killOrphans(Map<Long, ProcessTable.Row> now) {
        long self = ProcessHandle.current().pid();
        boolean found = false;
        for (ProcessTable.Row row : now.values()) {
            if (row.parent() != self || started.contains(row.pid()) || !cameFromChild(row.pid())) {
                continue;
            }
            if (row.ended()) {
                Libc.get().ifPresent(libc -> libc.reap(row.pid()));
            } else {
                found = true;
                kill(row);
            }
        }
        return found;
    }

    /**
     * All processes at a moment.
     *
     * @param table by process id
     * @param orphans whether there were some, which have been killed
     */
    record Look(Map<Long, ProcessTable.Row> table, boolean orphans) {}

    /** Our children have no_new_privs, which nothing that descends from them can take off. */
    private static boolean cameFromChild(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).contains("NoNewPrivs:\t1");
        } catch (IOException e) {
            return false;
        }
    }

    /** Kills what a worker that was killed left running: whoever works inside {@code folder}. */
    static void killLeftOvers(Path folder) {
        if (Libc.get().isEmpty()) {
            return;
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                if (worksInside(process, folder)) {
                    LOG.log(Level.INFO, "killing " + process + ", left over in " + folder);
                    Libc.get().get().kill(Long.parseLong(String.valueOf(process.getFileName())));
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "left-over children in " + folder + ": " + e.getMessage());
        }
    }

    private static boolean worksInside(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder);
        } catch (IOException e) {
            return false; // It ended, or belongs to somebody else.
        }
    }
}
