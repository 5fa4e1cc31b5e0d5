package dev.precast.api.json;

import dev.precast.protocol.ProblemCode;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public ProblemException(ProblemCode code, String detail) {
        this(new Problem(code, detail));
    }

    public Problem problem() {
        return problem;
    }
}
