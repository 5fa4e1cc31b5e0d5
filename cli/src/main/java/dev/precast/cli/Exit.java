package dev.precast.cli;

/** Exit codes of the process; docs/reference/exit-codes.md is generated from these comments. */
enum Exit {
    /** The command succeeded. */
    OK(0),
    /** A failure without its own code. */
    OTHER(1),
    /** The command line is invalid. */
    USAGE(2),
    /** A file, module, lane or artifact does not exist, or compiling it failed and may succeed later. */
    NOT_FOUND(3),
    /** The engine rejected the module: it is invalid, unsupported, or over a cap. */
    REJECTED(4),
    /** Verification failed: bytes differ from what was signed, or the trust policy does not accept the signature. */
    UNVERIFIED(5),
    /** The service does not answer, or cannot handle requests now. */
    UNREACHABLE(6);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
