package dev.precast.api.rest;

import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;

/** A request body is too large or too slow. */
final class BodyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    BodyException(ProblemCode code, String message) {
        super(message);
        this.problem = new Problem(code, message);
    }

    Problem problem() {
        return problem;
    }
}
