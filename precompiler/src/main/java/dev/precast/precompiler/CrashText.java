package dev.precast.precompiler;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Describes for people how a child crashed. */
final class CrashText {
    private static final int SIGNALLED = 128;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 11, "SIGSEGV", 15, "SIGTERM",
            25, "SIGXFSZ");

    /** The header of a Rust panic. The next line is its message. */
    private static final Pattern PANIC = Pattern.compile("thread '.*' .*panicked at .*");

    /** The line in which a crashing JVM names the signal. The JVM prints it to standard output. */
    private static final Pattern JVM_ERROR = Pattern.compile("# +(SIG[A-Z]+ .*|Internal Error .*)");

    private CrashText() {}

    static String of(ChildProcess.Exited exited) {
        int signal = exited.code() - SIGNALLED;
        String how = SIGNALS.containsKey(signal) ? "ended by " + SIGNALS.get(signal) : "exit code " + exited.code();
        String why = reason(exited);
        return why.isEmpty() ? how : how + ": " + why;
    }

    private static String reason(ChildProcess.Exited exited) {
        List<String> errors = exited.err().strip().lines().toList();
        for (int i = 0; i + 1 < errors.size(); i++) {
            if (PANIC.matcher(errors.get(i)).matches()) {
                return errors.get(i + 1).strip();
            }
        }
        return exited.out()
                .lines()
                .filter(line -> JVM_ERROR.matcher(line).matches())
                .findFirst()
                .map(line -> line.substring(1).strip())
                .orElse(Rejection.lastLine(exited.err()));
    }
}
