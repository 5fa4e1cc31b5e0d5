package dev.precast.precompiler;

import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command in its own folder, with nothing in its environment, under limits. When it returns, neither the child
 * nor anything that descends from it runs.
 */
final class ChildProcess {
    private static final System.Logger LOG = System.getLogger(ChildProcess.class.getName());
    /** A compiler is one process, or a driver and a few. */
    private static final int MAX_PROCESSES = 64;

    private static final int KEPT_OUTPUT_BYTES = 1 << 18;
    private static final long TICK_MILLIS = 50;
    /** Looking takes at most this part of the time. */
    private static final int REST_FACTOR = 50;
    /** A look that was slow because the machine stood still does not leave the child alone for long. */
    private static final long LONGEST_REST_MILLIS = 1_000;

    private final Supervision supervision = Supervision.ofThisProcess();
    private final ChildFolder folder;
    private final List<Path> readable;
    private final Limits limits;

    /**
     * @param folder where it runs and writes
     * @param readable what it may read besides
     */
    ChildProcess(ChildFolder folder, List<Path> readable, Limits limits) {
        this.folder = folder;
        this.readable = List.copyOf(readable);
        this.limits = limits;
    }

    /**
     * Runs the command to its end. Only from a platform thread.
     *
     * @throws IOException if it cannot be started
     * @throws InterruptedException if this thread was interrupted; the child is gone then too
     */
    Result run(List<String> command) throws IOException, InterruptedException {

        long outputBytes = (long) limits.outputMb() << 20;
        long folderBytes = folder.size() + outputBytes;
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.path().toFile());
        builder.environment().clear();
        long start = System.nanoTime();
        Process process = supervision.start(builder, readable);
        ProcessTree tree = new ProcessTree(process.pid());
        OutputTail out = new OutputTail(process.getInputStream(), KEPT_OUTPUT_BYTES);
        OutputTail err = new OutputTail(process.getErrorStream(), KEPT_OUTPUT_BYTES);
        @Nullable Killed killed;
        try {
            Libc.get().ifPresent(libc -> libc.limit(process.pid(), limits.cpuSeconds() + 1L, outputBytes + 1));
            preferForOutOfMemory(process);
            process.getOutputStream().close();
            killed = watch(process, tree, start, folderBytes);
        } finally {
            supervision.kill(process, tree);
            supervision.ended(process);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (killed == null && folder.size() > folderBytes) {
            killed = tooMuchOutput();
        }
        if (killed != null) {
            return killed;
        }
        return new Exited(process.exitValue(), out.text(Duration.ofSeconds(2)), err.text(Duration.ofSeconds(2)), took);
    }

    /** What it was killed for, or null if it ended by itself. */
    private @Nullable Killed watch(Process process, ProcessTree tree, long start, long folderBytes)
            throws IOException, InterruptedException {
        long rest = 1;
        while (!process.waitFor(rest, TimeUnit.MILLISECONDS)) {
            long before = System.nanoTime();
            ProcessTree.Usage usage =
                    tree.update(supervision.look(tree.strangers()).table());
            Killed over = over(usage, before - start);
            if (over == null && folder.size() > folderBytes) {
                over = tooMuchOutput();
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
        if (usage.processes() > MAX_PROCESSES) {
            return new Killed(Cause.CRASH, "more than " + MAX_PROCESSES + " processes");
        }
        if (wallNanos > TimeUnit.SECONDS.toNanos(limits.wallSeconds())) {
            return new Killed(Cause.TIME, "more than " + limits.wallSeconds() + " s on the clock");
        }
        if (usage.cpuMillis() > TimeUnit.SECONDS.toMillis(limits.cpuSeconds())) {
            return new Killed(Cause.TIME, "more than " + limits.cpuSeconds() + " s of CPU time");
        }
        if (usage.residentBytes() > (long) limits.memoryMb() << 20) {
            return new Killed(Cause.MEMORY, "more than " + limits.memoryMb() + " MiB of memory");
        }
        return null;
    }

    private Killed tooMuchOutput() {
        return new Killed(Cause.OUTPUT, "more than " + limits.outputMb() + " MiB of output");
    }

    /** Where the machine runs out of memory, the kernel shall take the child and not its supervisor. */
    private static void preferForOutOfMemory(Process process) {
        if (Libc.get().isPresent()) {
            try {
                Files.writeString(Path.of("/proc/" + process.pid() + "/oom_score_adj"), "1000");
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "oom_score_adj of child " + process.pid() + ": " + e.getMessage());
            }
        }
    }

    /** How it ended. */
    sealed interface Result {}

    /**
     * By itself, or by a signal that was not ours.
     *
     * @param code exit code; 128 and the number of the signal
     * @param out the last of what it printed
     * @param err the same for its errors
     * @param took from start to end
     */
    record Exited(int code, String out, String err, Duration took) implements Result {}

    /** It went over a limit. */
    record Killed(Cause cause, String why) implements Result {}
}
