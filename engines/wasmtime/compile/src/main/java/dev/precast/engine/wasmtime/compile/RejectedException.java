package dev.precast.engine.wasmtime.compile;

/** The module cannot be compiled, whoever tries with this pack. */
final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Neither a core module nor a component. */
    static final String NOT_WASM = "not-wasm";
    /** Malformed, invalid, or of a proposal that the config leaves off: Wasmtime gives no code, so nor do we. */
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
