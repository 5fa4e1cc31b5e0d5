package dev.precast.api.json;

import dev.precast.protocol.ProblemCode;

/** The HTTP status code of each problem code. */
public final class Status {
    private Status() {}

    public static int of(ProblemCode code) {
        return switch (code) {
            case BAD_REQUEST -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN, HOST_REFUSED, ORIGIN_REFUSED -> 403;
            case NOT_FOUND,
                    MODULE_UNKNOWN,
                    ARTIFACT_UNKNOWN,
                    COMPILATION_UNKNOWN,
                    WARMUP_UNKNOWN,
                    LIST_UNKNOWN,
                    STATEMENT_UNKNOWN -> 404;
            case METHOD_NOT_ALLOWED -> 405;
            case NOT_ACCEPTABLE -> 406;
            case BODY_TOO_SLOW -> 408;
            case DIGEST_MISMATCH, ENGINE_NOT_SERVED, POLICY_REFUSED -> 409;
            case BODY_TOO_LARGE, MODULE_TOO_LARGE, ANSWER_TOO_LARGE -> 413;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case RANGE_NOT_SATISFIABLE -> 416;
            case NOT_WASM, MODULE_REJECTED -> 422;
            case TOO_MANY_REQUESTS -> 429;
            case INTERNAL -> 500;
            case COMPILATION_FAILED,
                    TOO_MANY_WARMUPS,
                    QUEUE_FULL,
                    QUEUE_UNAVAILABLE,
                    NO_WORKER,
                    STORE_UNAVAILABLE,
                    NO_POLICY,
                    STOPPING,
                    UPSTREAM_UNAVAILABLE -> 503;
            case STORE_FULL -> 507;
        };
    }
}
