package dev.precast.api.rest;

import java.io.IOException;

/** A client sends its body more slowly than allowed. */
final class SlowBodyException extends IOException {
    private static final long serialVersionUID = 1L;

    SlowBodyException(String message) {
        super(message);
    }
}
