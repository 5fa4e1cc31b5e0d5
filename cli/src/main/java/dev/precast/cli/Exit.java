package dev.precast.cli;

/** What the process says when it ends; see docs/design/cli.md. */
enum Exit {
    OK(0),
    /** Anything that has no code of its own. */
    OTHER(1),
    /** The command line was not understood. */
    USAGE(2),
    /** A file, module, lane or artifact is not there, or could not be compiled now. */
    NOT_FOUND(3),
    /** The module's own fault: invalid, unsupported, over a cap. */
    REJECTED(4),
    /** Something is not what was signed, or not signed by whom the root trusts. */
    UNVERIFIED(5),
    /** The service does not answer, or cannot work now. */
    UNREACHABLE(6);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
