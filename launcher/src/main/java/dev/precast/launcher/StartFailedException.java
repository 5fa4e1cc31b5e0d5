package dev.precast.launcher;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/** A server ended during its start, or did not listen in time. */
public final class StartFailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 10;

    private final transient OptionalInt exitCode;
    private final String printed;

    StartFailedException(String subject, OptionalInt exitCode, String printed) {
        super(subject + ": "
                + (exitCode.isPresent() ? "ended with exit code " + exitCode.getAsInt() : "did not listen in time")
                + tail(printed));
        this.exitCode = exitCode;
        this.printed = printed;
    }

    private static String tail(String printed) {
        List<String> lines = printed.lines().toList();
        return lines.isEmpty()
                ? "; it printed nothing"
                : "; it printed:\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()));
    }

    /** The exit code of a server that refused to start; empty if it was still running and was killed. */
    public OptionalInt exitCode() {
        return exitCode;
    }

    /** Everything that the server printed, such as its reason for refusing to start. */
    public String printed() {
        return printed;
    }
}
