package dev.precast.precompiler;

/** A child ended well, and what it left is not what its lane promises; the message says what it is. */
final class UnusableOutputException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableOutputException(String message) {
        super(message);
    }
}
