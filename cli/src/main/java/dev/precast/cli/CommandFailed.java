package dev.precast.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with an exit code and one line for the user. */
final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Exit exit;
    private final String code;

    /**
     * @param code short name of the error, for scripts
     * @param message subject, problem and what to do, for people
     */
    CommandFailed(Exit exit, String code, String message) {
        this(exit, code, message, null);
    }

    CommandFailed(Exit exit, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.code = code;
    }

    Exit exit() {
        return exit;
    }

    String code() {
        return code;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
