package dev.precast.module;

/**
 * The bytes are not the expected module, component or artifact. The message says at which offset, what was expected and
 * what was found.
 */
public final class MalformedModuleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long offset;

    MalformedModuleException(long offset, String what) {
        super("offset " + offset + ": " + what);
        this.offset = offset;
    }

    /** The offset of the problem, in bytes from the start of the module. */
    public long offset() {
        return offset;
    }
}
