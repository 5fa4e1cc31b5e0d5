package dev.precast.load;

/** A program did not run to its end. */
public final class ProgramException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kind of failure. */
    public enum Reason {
        /** The module is not a WASI command. */
        NOT_RUNNABLE,
        /** The module cannot be instantiated in this process. */
        INCOMPATIBLE,
        /** The program trapped. */
        TRAP
    }

    private final Reason reason;

    /** @param cause the engine's exception; this exception has the same message */
    public ProgramException(Reason reason, Exception cause) {
        super(cause.getMessage(), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
