package dev.precast.engine.chicory.compile;

import org.jspecify.annotations.Nullable;

/** This pack cannot compile the module; a retry does not help. */
class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The bytes are not a WebAssembly module. */
    static final String NOT_WASM = "not-wasm";
    /** The bytes are a component, which this engine does not support. */
    static final String COMPONENT = "component-unsupported";
    /** The module is malformed or invalid. */
    static final String INVALID = "invalid-module";
    /** The compiler does not support the module, which may be valid. */
    static final String UNSUPPORTED = "unsupported";
    /** The compiler generated a class that hosts would refuse. */
    static final String VERIFY = "verify-error";

    /** The artifact does not load. */
    static final String UNLOADABLE = "unloadable";

    private static final int MAX_MESSAGE = 1000;

    private final String code;

    RejectedException(String code, String message, @Nullable Throwable cause) {
        super(shortened(message), cause);
        this.code = code;
    }

    RejectedException(String code, String message) {
        super(shortened(message));
        this.code = code;
    }

    String code() {
        return code;
    }

    private static String shortened(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE);
    }
}
