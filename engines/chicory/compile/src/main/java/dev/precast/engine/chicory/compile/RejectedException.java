package dev.precast.engine.chicory.compile;

/** The module cannot be compiled, whoever tries with this pack. */
final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Not even a module of the wasm binary format. */
    static final String NOT_WASM = "not-wasm";
    /** A component, of which this engine loads none. */
    static final String COMPONENT = "component-unsupported";
    /** Malformed or invalid. */
    static final String INVALID = "invalid-module";
    /** Valid perhaps, but beyond what the compiler can do. */
    static final String UNSUPPORTED = "unsupported";
    /** The compiler made a class that hosts would refuse. */
    static final String VERIFY = "verify-error";

    private static final int MAX_MESSAGE = 1000;

    private final String code;

    RejectedException(String code, String message, Throwable cause) {
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
