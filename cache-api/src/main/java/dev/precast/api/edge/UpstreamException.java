package dev.precast.api.edge;

import dev.precast.api.json.Problem;

/** The upstream did not answer in time, or answered that it cannot answer now. A later request may succeed. */
public final class UpstreamException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    UpstreamException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    /** What to answer to a host if there is no copy. */
    public Problem problem() {
        return problem;
    }
}
