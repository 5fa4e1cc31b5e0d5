package dev.precast.load;

/** This process cannot load artifacts of the engine; the message says why. A host treats this as a cache miss. */
public final class UnsupportedHostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnsupportedHostException(String message) {
        super(message);
    }
}
