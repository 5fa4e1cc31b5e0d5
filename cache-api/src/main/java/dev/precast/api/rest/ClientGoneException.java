package dev.precast.api.rest;

import java.io.IOException;

/** The connection of the client was closed before it had the whole answer. */
final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(IOException cause) {
        super("connection: closed before the end of the answer", cause);
    }
}
