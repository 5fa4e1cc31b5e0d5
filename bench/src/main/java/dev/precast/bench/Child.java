package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * One measured JVM: makes the module ready in one way, makes the first call, and says on standard output when, in lines
 * {@code <what> <ns since main began>} and {@code used <peak resident KiB> <CPU ms of the process>}, then {@code outcome} and what the module
 * {@code printed}, in base64.
 */
final class Child {
    private Child() {}

    /** {@code MODE FILE DIGEST FOLDER SERVICE ROOT ARGUMENT…}; what a mode does not need may be empty. */
    public static void main(String[] args) throws Exception {
        long start = System.nanoTime();
        PrintStream marks = System.out;
        Path file = Path.of(args[1]);
        Path folder = Path.of(args[3]);
        List<String> arguments = Arrays.asList(args).subList(6, args.length);
        Ready ready = switch (Mode.of(args[0])) {
            case IN_PROCESS -> ChicoryWays.compiled(file);
            case CHICORY_CACHE_WARM -> ChicoryWays.cached(file, folder);
            case INTERPRETER -> ChicoryWays.interpreted(file);
            case BUILD_TIME -> ChicoryWays.builtBefore();
            case PRECAST_DISK, PRECAST_EMPTY_DISK -> PrecastWay.load(file, args[2], folder, args[4], args[5]);
        };
        mark(marks, "ready", start);
        FirstCall call = FirstCall.of(ready, arguments);
        String outcome = call.make();
        mark(marks, "called", start);
        marks.println("outcome " + call.name() + " " + outcome + " " + Digest.of(call.printed()));
        marks.println("printed " + Base64.getEncoder().encodeToString(call.printed()));
        marks.flush();
        // What runs in the background of a host is not part of the measure.
        Runtime.getRuntime().halt(0);
    }

    private static void mark(PrintStream marks, String what, long start) throws IOException {
        long ns = System.nanoTime() - start;
        marks.println(what + " " + ns);
        marks.flush();
        // What it costs to look at them does not delay the mark.
        marks.println("used " + Resources.peakResidentKib() + " " + Resources.cpuMillis());
        marks.flush();
    }
}
