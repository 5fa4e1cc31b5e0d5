package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Base64;

/**
 * One measured JVM: makes the module ready in one way, makes the first call, and says on standard output when, in lines
 * {@code <what> <ns since the host was up>} and {@code used <CPU ms of the process> <memory>}, then {@code outcome} and what
 * the module {@code printed}, in base64.
 */
final class Child {
    private Child() {}

    /** A mode, the words of a {@link Job}, and the arguments of the first call. */
    public static void main(String[] args) throws Exception {
        PrintStream marks = System.out;
        Mode mode = Mode.of(args[0]);
        Host host = Host.start(mode, Job.of(args));
        long up = System.nanoTime();
        Ready ready = host.load();
        mark(marks, "ready", up);
        Called call = ready.call(Job.rest(args));
        mark(marks, "called", up);
        marks.println("outcome " + call.name() + " " + call.outcome() + " " + Digest.of(call.printed()));
        marks.println("printed " + Base64.getEncoder().encodeToString(call.printed()));
        marks.flush();
        if (Boolean.getBoolean(ChildJvm.HOLD)) {
            Thread.sleep(Long.MAX_VALUE);
        }
        // What runs in the background of a host is not part of the measure.
        Runtime.getRuntime().halt(0);
    }

    private static void mark(PrintStream marks, String what, long up) throws IOException {
        long ns = System.nanoTime() - up;
        marks.println(what + " " + ns);
        marks.flush();
        // What it costs to look at them does not delay the mark.
        marks.println("used " + Resources.cpuMillis() + " " + Resources.memory());
        marks.flush();
    }
}
