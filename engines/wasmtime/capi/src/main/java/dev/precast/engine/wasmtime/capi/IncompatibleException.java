package dev.precast.engine.wasmtime.capi;

/**
 * This host cannot instantiate a loaded module: an import is missing, or the module needs more memory or tables than
 * the host or the host's pool has. No code of the module ran. The artifact is valid; other hosts may run it. The
 * message is Wasmtime's.
 */
public final class IncompatibleException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    IncompatibleException(String message) {
        super(message);
    }
}
