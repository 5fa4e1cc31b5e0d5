package dev.precast.module;

/** Bytes that are not the module, component or artifact that they should be. The message says at which offset, what was expected and what was found. */
public final class MalformedModuleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long offset;

    MalformedModuleException(long offset, String what) {
        super("offset " + offset + ": " + what);
        this.offset = offset;
    }

    /** Where in the module, in bytes from its start. */
    public long offset() {
        return offset;
    }
}
