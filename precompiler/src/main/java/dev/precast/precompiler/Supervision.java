package dev.precast.precompiler;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * Supervises the children of this process. Hides this process from them, adopts their orphaned descendants, and kills
 * these orphans. There is one instance for each process, because the kernel's settings apply to the process.
 *
 * <p>Thread safe.
 */
final class Supervision {
    private static final System.Logger LOG = System.getLogger(Supervision.class.getName());
    private static final int KILL_ROUNDS = 400;
    private static final long PATIENCE_WITH_STARTS_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long PAUSE_BETWEEN_STARTS_MILLIS = 100;
    /** Failures of a start that only the command can cause: ENOENT, ENOEXEC, EACCES. */
    private static final Pattern BAD_COMMAND = Pattern.compile("Exec failed, error: (2|8|13) ");

    private static final Supervision INSTANCE = begin();

    private final ProcessTable table = ProcessTable.ofThisSystem();
    private final Set<Long> started = ConcurrentHashMap.newKeySet();
    private final Orphans orphans = new Orphans(started);
    /**
     * The start of a child holds the read lock. The search for orphans holds the write lock, so that it does not
     * mistake a new child for an orphan.
     */
    private final ReadWriteLock starting = new ReentrantReadWriteLock();

    private final Launch launch = Launch.detect();
    private final Cgroups.Support cgroups = Cgroups.detect(Path.of("/proc/self"));
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

    /** What confines children on this system. */
    Confinement confinement() {
        return Confinement.of(launch.landlock(), launch.filter(), launch.way(), launch.failures(), cgroups);
    }

    /** Whether children can have cgroups. */
    Cgroups.Support cgroups() {
        return cgroups;
    }

    /** How children are started. */
    Way way() {
        return launch.way();
    }

    /** What confined children can still do on this kernel; empty if nothing. */
    Optional<String> leftOpen() {
        if (launch.way() == Way.NAMESPACES) {
            return Optional.empty(); // Other processes have no process id in the children's namespaces.
        }
        return switch (launch.landlock()) {
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
     * @param prepare sets limits of the process with the given id. All processes of the command inherit them, if the
     *     system has gates; otherwise the command may have started others already
     * @throws SupervisorTroubleException if the child could not be started for a reason other than its command
     * @throws IOException if the command cannot be executed
     */
    Process start(ProcessBuilder builder, List<Path> readable, LongConsumer prepare)
            throws IOException, InterruptedException {
        requireProgram(builder);
        long begin = System.nanoTime();
        while (true) {
            try {
                return startOnce(builder, readable, prepare);
            } catch (IOException | OutOfMemoryError e) {
                String why = "starting " + builder.command().get(0) + ": " + firstLine(e);
                if (BAD_COMMAND.matcher(why).find()) {
                    throw new IOException(why, e);
                }
                if (System.nanoTime() - begin > PATIENCE_WITH_STARTS_NANOS) {
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

    private Process startOnce(ProcessBuilder builder, List<Path> readable, LongConsumer prepare) throws IOException {
        Launch.Child child;
        starting.readLock().lock();
        try {
            child = launch.start(builder, readable);
            started.add(child.process().pid());
        } finally {
            starting.readLock().unlock();
        }
        boolean running = false;
        try {
            child.letIn(prepare);
            running = true;
            return child.process();
        } finally {
            if (!running) {
                ended(child.process());
            }
        }
    }

    /**
     * Refuses a command that cannot be executed, since programs before it in the child's {@link Way} would not report
     * it as a failed start.
     */
    private static void requireProgram(ProcessBuilder builder) throws IOException {
        String program = builder.command().get(0);
        if (program.contains("/")
                && !Files.isExecutable(builder.directory().toPath().resolve(program))) {
            throw new IOException("starting " + program + ": no such program, or not executable");
        }
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
                boolean orphaned = look.get().orphans() | (adopts && chaseOrphans());
                if (living.isEmpty() && !process.isAlive() && !orphaned) {
                    return;
                }
                living.forEach(this::kill);
            }
            process.destroyForcibly();
            Thread.sleep(round < 10 ? 1 : 10);
        }
        LOG.log(Level.ERROR, "child " + process.pid() + " has descendants that could not be killed");
    }

    private boolean chaseOrphans() {
        starting.writeLock().lock();
        try {
            return orphans.chase();
        } finally {
            starting.writeLock().unlock();
        }
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
            return new Look(now, adopts && orphans.kill(now));
        } finally {
            starting.writeLock().unlock();
        }
    }

    /**
     * A snapshot of the processes.
     *
     * @param table by process id
     * @param orphans whether orphans were found and killed
     */
    record Look(Map<Long, ProcessTable.Row> table, boolean orphans) {}

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
