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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Supervises the children of this process. Hides this process from them, adopts their orphaned descendants, and kills
 * these orphans. There is one instance for each process, because the kernel's settings apply to the process.
 *
 * <p>Thread safe.
 */
final class Supervision {
    private static final System.Logger LOG = System.getLogger(Supervision.class.getName());
    private static final int KILL_ROUNDS = 400;
    private static final int MOST_STARTS = 20;
    private static final long PAUSE_BETWEEN_STARTS_MILLIS = 100;
    /** Failures of a start that only the command can cause: ENOENT, ENOEXEC, EACCES. */
    private static final Pattern BAD_COMMAND = Pattern.compile("Exec failed, error: (2|8|13) ");

    private static final Supervision INSTANCE = begin();

    private final ProcessTable table = ProcessTable.ofThisSystem();
    private final Set<Long> started = ConcurrentHashMap.newKeySet();
    /**
     * The start of a child holds the read lock. The search for orphans holds the write lock, so that it does not
     * mistake a new child for an orphan.
     */
    private final ReadWriteLock starting = new ReentrantReadWriteLock();

    private final Landlock.Support landlock = Landlock.detect();
    private final SeccompFilter.Support filter = SeccompFilter.detect();
    private final boolean adopts;

    private Supervision() {
        adopts = Libc.get()
                .map(libc -> libc.adoptOrphans() & libc.hideFromOthers())
                .orElse(false);
        if (!adopts || !table.knowsMemory()) {
            LOG.log(
                    Level.WARNING,
                    "process supervision is limited: memory limits are not enforced, detached descendants are not "
                            + "tracked");
        }
    }

    private static Supervision begin() {
        Supervision supervision = new Supervision();
        if (supervision.adopts) {
            Libc.get().ifPresent(libc -> new Reaper(libc, supervision).start());
        }
        return supervision;
    }

    static Supervision ofThisProcess() {
        return INSTANCE;
    }

    /** Why children can use this process's files or change this process; empty if they cannot. */
    Optional<String> unconfined() {
        return switch (landlock) {
            case Landlock.Support.Available available ->
                Landlock.tooOld(available.landlock().version()).or(this::unfiltered);
            case Landlock.Support.Missing missing -> Optional.of(missing.why());
        };
    }

    private Optional<String> unfiltered() {
        return switch (filter) {
            case SeccompFilter.Support.Available available -> Optional.empty();
            case SeccompFilter.Support.Missing missing ->
                Optional.of(missing.why()
                        + "; children could change limits of this process, modes of its files, and use the network");
        };
    }

    /** What confined children can still do on this kernel; empty if nothing. */
    Optional<String> leftOpen() {
        return switch (landlock) {
            case Landlock.Support.Available available ->
                Landlock.leftOpen(available.landlock().version());
            case Landlock.Support.Missing missing -> Optional.empty();
        };
    }

    /**
     * Starts a child in its folder. If this machine lacks what a start needs, kills orphans and tries again for two
     * seconds. Call this method on a platform thread only, and {@link #ended} after the child's end.
     *
     * @param readable files that a confined child may read and execute, in addition to the system's programs and the
     *     JDK
     * @throws SupervisorTroubleException if the child could not be started for a reason other than its command
     * @throws IOException if the command cannot be executed
     */
    Process start(ProcessBuilder builder, List<Path> readable) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return startOnce(builder, readable);
            } catch (IOException | OutOfMemoryError e) {
                String why = "starting " + builder.command().get(0) + ": " + firstLine(e);
                if (BAD_COMMAND.matcher(why).find()) {
                    throw new IOException(why, e);
                }
                if (tries == MOST_STARTS) {
                    throw new SupervisorTroubleException(why, e);
                }
            }
            tryToLook();
            Thread.sleep(PAUSE_BETWEEN_STARTS_MILLIS);
        }
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
    }

    private Process startOnce(ProcessBuilder builder, List<Path> readable) throws IOException {
        FutureTask<Process> start = new FutureTask<>(() -> {
            restrictThisThread(builder, readable);
            return builder.start();
        });
        starting.readLock().lock();
        try {
            // In a new thread, because a thread cannot regain its rights.
            Thread.ofPlatform().name("precast-child-start").start(start);
            Process process = resultOf(start);
            started.add(process.pid());
            return process;
        } finally {
            starting.readLock().unlock();
        }
    }

    /** Landlock goes first: the filter refuses its calls. */
    private void restrictThisThread(ProcessBuilder builder, List<Path> readable) throws IOException {
        if (Libc.get().isPresent()) {
            Libc.get().get().forbidNewPrivileges();
        }
        if (landlock instanceof Landlock.Support.Available available) {
            List<Path> all = new ArrayList<>(readable);
            all.add(Path.of(System.getProperty("java.home")));
            available.landlock().restrictThisThread(all, builder.directory().toPath());
        }
        if (filter instanceof SeccompFilter.Support.Available available) {
            available.filter().installOnThisThread();
        }
    }

    private static Process resultOf(FutureTask<Process> start) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return start.get();
                } catch (InterruptedException e) {
                    interrupted = true; // A started child must be recorded, so this does not react to interrupts.
                } catch (ExecutionException e) {
                    throw failure(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case Error e -> throw e;
            case null, default -> new IOException(String.valueOf(cause), cause);
        };
    }

    /** Whether a process was started by {@link #start} and has not ended. */
    boolean hasStarted(long pid) {
        return started.contains(pid);
    }

    void ended(Process process) {
        started.remove(process.pid());
    }

    /** Kills the rest of a tree and all orphans. */
    void kill(Process process, ProcessTree tree) throws InterruptedException {
        for (int round = 0; round < KILL_ROUNDS; round++) {
            Optional<Look> look = tryToLook();
            if (look.isPresent()) {
                tree.update(look.get().table());
                List<ProcessTable.Row> living = tree.living(look.get().table());
                if (living.isEmpty() && !process.isAlive() && !look.get().orphans()) {
                    return;
                }
                living.forEach(this::kill);
            }
            process.destroyForcibly();
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

    /** Looks at all processes and kills orphans; empty if the processes cannot be read at the moment. */
    private Optional<Look> tryToLook() {
        try {
            return Optional.of(look(Set.of()));
        } catch (SupervisorTroubleException e) {
            LOG.log(Level.DEBUG, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Reads all processes except {@code except} and kills orphans.
     *
     * @throws SupervisorTroubleException if the processes cannot be read at the moment
     */
    Look look(Set<Long> except) throws SupervisorTroubleException {
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
     * A snapshot of the processes.
     *
     * @param table by process id
     * @param orphans whether orphans were found and killed
     */
    record Look(Map<Long, ProcessTable.Row> table, boolean orphans) {}

    /** Whether a process descends from a child: children have no_new_privs, which their descendants cannot remove. */
    private static boolean cameFromChild(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).contains("NoNewPrivs:\t1");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Kills the children that a killed worker left running: all processes whose working folder is inside
     * {@code folder}.
     */
    static void killLeftOvers(Path folder) {
        if (Libc.get().isEmpty()) {
            return;
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                if (worksInside(process, folder)) {
                    LOG.log(Level.INFO, "killing " + process + ", which an earlier worker left in " + folder);
                    Libc.get().get().kill(Long.parseLong(String.valueOf(process.getFileName())));
                }
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "children that an earlier worker left in " + folder + ": cannot be killed: " + e.getMessage());
        }
    }

    private static boolean worksInside(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder);
        } catch (IOException e) {
            return false; // The process has ended or belongs to another user.
        }
    }
}
