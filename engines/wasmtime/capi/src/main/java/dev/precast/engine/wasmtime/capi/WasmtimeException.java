package dev.precast.engine.wasmtime.capi;

import java.util.OptionalInt;

/** Wasmtime refused a call, or a program trapped or exited. The message is Wasmtime's if Wasmtime gave one. */
public sealed class WasmtimeException extends Exception permits IncompatibleException {
    private static final long serialVersionUID = 1L;

    /** Stands for the absence of an exit status. */
    private static final int NONE = Integer.MIN_VALUE;

    private final int exitStatus;

    WasmtimeException(String message) {
        this(message, NONE);
    }

    WasmtimeException(String message, int exitStatus) {
        super(message);
        this.exitStatus = exitStatus;
    }

    /** The program's exit status, if it ended by WASI's {@code exit}. */
    public OptionalInt exitStatus() {
        return exitStatus == NONE ? OptionalInt.empty() : OptionalInt.of(exitStatus);
    }
}
