package dev.precast.bundle;

/** A bundle that is not one, or whose bytes are not those of its index. The message names what and where. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }
}
