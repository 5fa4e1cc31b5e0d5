package dev.precast.engine.wasmtime.capi;

import java.util.OptionalInt;

/** What Wasmtime refused, or how a program ended; the message is Wasmtime's own. */
public sealed class WasmtimeException extends Exception permits IncompatibleException {
    private static final long serialVersionUID = 1L;

    /** A status that stands for none. */
    private static final int NONE = Integer.MIN_VALUE;

    private final int exitStatus;

    WasmtimeException(String message) {
        this(message, NONE);
    }

    WasmtimeException(String message, int exitStatus) {
        super(message);
        this.exitStatus = exitStatus;
    }

    /** The status that the program gave to WASI's {@code exit}, if that is what ended it. */
    public OptionalInt exitStatus() {
        return exitStatus == NONE ? OptionalInt.empty() : OptionalInt.of(exitStatus);
    }
}
