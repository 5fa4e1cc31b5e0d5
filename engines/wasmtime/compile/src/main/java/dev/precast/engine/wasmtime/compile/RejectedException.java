package dev.precast.engine.wasmtime.compile;

/** This pack cannot compile the module; a retry does not help. */
final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The bytes are neither a core module nor a component. */
    static final String NOT_WASM = "not-wasm";
    /**
     * The module is malformed or invalid, or needs a proposal that the config disables. Wasmtime does not tell which of
     * them.
     */
    static final String INVALID = "invalid-module";

    private final String code;

    RejectedException(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }
}
