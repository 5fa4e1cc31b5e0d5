package dev.precast.api.rest;

import java.io.IOException;

/** A body that is read whole is larger than allowed. */
final class LargeBodyException extends IOException {
    private static final long serialVersionUID = 1L;

    LargeBodyException(String message) {
        super(message);
    }
}
