package dev.precast.module;

/** The bytes are not the expected module, component or artifact. The message names the offset and the problem. */
public final class MalformedModuleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long offset;

    MalformedModuleException(long offset, String what) {
        super("offset " + offset + ": " + what);
        this.offset = offset;
    }

    /** The offset of the problem, in bytes from the start of the module, component or file. */
    public long offset() {
        return offset;
    }
}
