package dev.precast.bundle;

/** A bundle is malformed, or its bytes do not match its index. The message says what is wrong and where. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }
}
