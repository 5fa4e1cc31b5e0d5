package dev.precast.precompiler;

import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command in its own folder, with an empty environment and under limits. When {@link #run} returns, the child
 * and all its descendants have ended.
 */
final class ChildProcess {
    private static final System.Logger LOG = System.getLogger(ChildProcess.class.getName());
    /** Maximum number of processes. A compiler is one process, or a driver with a few processes. */
    static final int MAX_PROCESSES = 64;
    /** Processes of {@link Way#NAMESPACES} before the command. */
    private static final int OWN_PROCESSES = 2;
    /** Maximum number of threads of all processes. A compiler has some for each processor. */
    static final int MAX_THREADS = Math.max(512, 8 * Runtime.getRuntime().availableProcessors());

    private static final int KEPT_OUTPUT_BYTES = 1 << 18;
    private static final long TICK_MILLIS = 50;
    /** A pause is this many times as long as the check before it. */
    private static final int REST_FACTOR = 50;
    /** Maximum pause between two checks, even after a slow check. */
    private static final long LONGEST_REST_MILLIS = 1_000;
    /** Maximum number of checks in a row that may fail because of this machine. */
    private static final int MOST_FAILED_CHECKS = 40;

    private final Supervision supervision = Supervision.ofThisProcess();
    private final Cgroups.Support cgroups;
    private final ChildFolder folder;
    private final List<Path> readable;
    private final Limits limits;
    private final int share;
    private boolean started;

    /**
     * A child that may use all processors.
     *
     * @param folder the child's working folder
     * @param readable further files and folders that the child may read and execute
     */
    ChildProcess(ChildFolder folder, List<Path> readable, Limits limits) {
        this(folder, readable, limits, Supervision.ofThisProcess().cgroups(), 1);
    }

    /** @param share how many such children share the processors, where cgroups can divide them */
    ChildProcess(ChildFolder folder, List<Path> readable, Limits limits, Cgroups.Support cgroups, int share) {
        this.folder = folder;
        this.readable = List.copyOf(readable);
        this.limits = limits;
        this.cgroups = cgroups;
        this.share = share;
    }

    /**
     * Runs the command to its end. Call this method on a platform thread only.
     *
     * @throws SupervisorTroubleException if this machine lacks what a start or the supervision needs
     * @throws IOException if the command cannot be executed
     * @throws InterruptedException if this thread was interrupted; the child was killed
     */
    Result run(List<String> command) throws IOException, InterruptedException {
        Optional<Cgroups.Group> group = cgroup();
        try {
            return run(command, group);
        } finally {
            group.ifPresent(Cgroups.Group::close);
        }
    }

    /** A cgroup for the child; empty if this system has none for children, or the kernel refuses it. */
    private Optional<Cgroups.Group> cgroup() {
        return switch (cgroups) {
            case Cgroups.Support.Available available -> {
                try {
                    yield Optional.of(available.cgroups().make(limits, MAX_THREADS + MAX_PROCESSES, share));
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "cgroup: cannot be made: " + e);
                    yield Optional.empty();
                }
            }
            case Cgroups.Support.Missing missing -> Optional.empty();
        };
    }

    private Result run(List<String> command, Optional<Cgroups.Group> group) throws IOException, InterruptedException {
        long outputBytes = (long) limits.outputMb() << 20;
        DiskUse disk = new DiskUse(folder.path(), limits.outputMb());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.path().toFile());
        builder.environment().clear();
        long start = System.nanoTime();
        Process process = supervision.start(builder, readable, pid -> prepare(pid, outputBytes, group));
        started = true;
        ProcessTree tree = new ProcessTree(process.pid());
        OutputTail out;
        OutputTail err;
        @Nullable Killed killed;
        try {
            out = new OutputTail(process.getInputStream(), KEPT_OUTPUT_BYTES);
            err = new OutputTail(process.getErrorStream(), KEPT_OUTPUT_BYTES);
            process.getOutputStream().close();
            killed = watch(process, tree, start, disk);
        } finally {
            supervision.kill(process, tree);
            supervision.ended(process);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (killed == null) {
            killed = over(disk, List.of());
        }
        if (killed != null) {
            return killed;
        }
        return new Exited(process.exitValue(), out.text(Duration.ofSeconds(2)), err.text(Duration.ofSeconds(2)), took);
    }

    /** Whether {@link #run} has started the child, whatever came of it. */
    boolean hasStarted() {
        return started;
    }

    /** Watches the child. Returns the exceeded limit; null if the child ended by itself. */
    private @Nullable Killed watch(Process process, ProcessTree tree, long start, DiskUse disk)
            throws IOException, InterruptedException {
        long rest = 1;
        int failed = 0;
        while (!process.waitFor(rest, TimeUnit.MILLISECONDS)) {
            long before = System.nanoTime();
            @Nullable Killed over;
            try {
                Map<Long, ProcessTable.Row> table =
                        supervision.look(tree.strangers()).table();
                over = over(tree.update(table), before - start);
                over = over == null ? over(disk, tree.living(table)) : over;
                failed = 0;
            } catch (SupervisorTroubleException e) {
                if (++failed == MOST_FAILED_CHECKS) {
                    throw e;
                }
                rest = TICK_MILLIS;
                continue;
            }
            if (over != null) {
                return over;
            }
            long looked = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            rest = Math.clamp(looked * REST_FACTOR, TICK_MILLIS, LONGEST_REST_MILLIS);
        }
        return null;
    }

    private @Nullable Killed over(ProcessTree.Usage usage, long wallNanos) {
        if (usage.processes() > MAX_PROCESSES + OWN_PROCESSES) {
            return new Killed(Cause.CRASH, "child: more than " + MAX_PROCESSES + " processes");
        }
        if (usage.threads() > MAX_THREADS) {
            return new Killed(Cause.CRASH, "child: more than " + MAX_THREADS + " threads");
        }
        if (wallNanos > TimeUnit.SECONDS.toNanos(limits.wallSeconds())) {
            return new Killed(Cause.TIME, "child: more than " + limits.wallSeconds() + " s of wall time");
        }
        if (usage.cpuMillis() > TimeUnit.SECONDS.toMillis(limits.cpuSeconds())) {
            return new Killed(Cause.TIME, "child: more than " + limits.cpuSeconds() + " s of CPU time");
        }
        if (usage.residentBytes() > (long) limits.memoryMb() << 20) {
            return new Killed(Cause.MEMORY, "child: more than " + limits.memoryMb() + " MiB of memory");
        }
        return null;
    }

    private static @Nullable Killed over(DiskUse disk, List<ProcessTable.Row> living)
            throws SupervisorTroubleException {
        return disk.exceeded(living)
                .map(why -> new Killed(Cause.OUTPUT, "child: " + why))
                .orElse(null);
    }

    /** Sets limits of a process, and makes the kernel kill it first if the machine runs out of memory. */
    private void prepare(long pid, long outputBytes, Optional<Cgroups.Group> group) {
        group.ifPresent(limited -> limited.add(pid));
        Optional<Libc> libc = Libc.get();
        if (libc.isPresent()) {
            libc.get().limit(pid, limits.cpuSeconds() + 1L, outputBytes + 1);
            try {
                Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), "1000");
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "child " + pid + ": cannot set oom_score_adj: " + e.getMessage());
            }
        }
    }

    /** How the child ended. */
    sealed interface Result {}

    /**
     * The child ended by itself, or by a signal that the supervisor did not send.
     *
     * @param code exit code; 128 plus the signal's number after a signal
     * @param out the end of the child's standard output
     * @param err the end of the child's standard error
     * @param took elapsed time
     */
    record Exited(int code, String out, String err, Duration took) implements Result {}

    /** The supervisor killed the child, because it exceeded a limit. */
    record Killed(Cause cause, String why) implements Result {}
}
