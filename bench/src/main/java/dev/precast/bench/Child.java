package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Base64;

/**
 * The main class of a measured JVM. Makes the module ready in one mode and makes the first call. Prints the times in
 * lines {@code <what> <ns since the host had started>}, {@code used <CPU ms of the process> <memory>} and {@code again
 * <ns>}, then the {@code outcome} and the module's output ({@code printed}) in base64.
 */
final class Child {
    private static final int AGAIN = 60;

    private Child() {}

    /** Arguments: a mode, the words of a {@link Job}, and the arguments of the first call. */
    public static void main(String[] args) throws Exception {
        PrintStream marks = System.out;
        boolean hold = Boolean.getBoolean(ChildJvm.HOLD);
        Mode mode = Mode.of(args[0]);
        Job job = Job.of(args);
        Host host = Host.start(mode, job);
        long up = System.nanoTime();
        Ready ready = host.load();
        mark(marks, "ready", up);
        Called call = ready.call(Job.rest(args));
        mark(marks, "called", up);
        marks.println("again " + (hold ? 0 : again(mode, job)));
        marks.println("outcome " + call.name() + " " + call.outcome() + " " + Digest.of(call.printed()));
        marks.println("printed " + Base64.getEncoder().encodeToString(call.printed()));
        marks.flush();
        if (hold) {
            Thread.sleep(Long.MAX_VALUE);
        }
        // Does not wait for background work of the host, which is not measured.
        Runtime.getRuntime().halt(0);
    }

    /** Duration of a load in nanoseconds, after many loads in this process, each by a new host; 0 if not measured. */
    private static long again(Mode mode, Job job) throws Exception {
        if (job.library().isEmpty() || !mode.loadsAgain()) {
            return 0;
        }
        long[] took = new long[AGAIN];
        for (int i = 0; i < AGAIN; i++) {
            Host host = Host.start(mode, job);
            long start = System.nanoTime();
            host.load();
            took[i] = System.nanoTime() - start;
        }
        // The first half warms up the JIT.
        long[] settled = Arrays.copyOfRange(took, AGAIN / 2, AGAIN);
        Arrays.sort(settled);
        return settled[settled.length / 2];
    }

    private static void mark(PrintStream marks, String what, long up) throws IOException {
        long ns = System.nanoTime() - up;
        marks.println(what + " " + ns);
        marks.flush();
        // Read after the mark, so that the reading is not measured.
        marks.println("used " + Resources.cpuMillis() + " " + Resources.memory());
        marks.flush();
    }
}
