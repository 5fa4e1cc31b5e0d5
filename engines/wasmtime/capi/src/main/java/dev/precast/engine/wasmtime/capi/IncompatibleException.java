package dev.precast.engine.wasmtime.capi;

/**
 * What loaded cannot be instantiated here, in Wasmtime's words: an import that this host does not give, more memory or
 * tables than it has or its pool allows. Nothing of it ran. The artifact is not at fault: other hosts may run it.
 */
public final class IncompatibleException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    IncompatibleException(String message) {
        super(message);
    }
}
