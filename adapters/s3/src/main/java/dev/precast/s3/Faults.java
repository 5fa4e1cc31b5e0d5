package dev.precast.s3;

import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import java.io.IOException;
import java.util.Set;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Translates the SDK's exceptions. */
final class Faults {
    private static final int NOT_IMPLEMENTED = 501;
    private static final int INSUFFICIENT_STORAGE = 507;
    /** Codes of stores that are full: of MinIO, of Ceph and gateways. */
    private static final Set<String> FULL =
            Set.of("XMinioStorageFull", "QuotaExceeded", "InsufficientCapacity", "InsufficientStorage");
    /**
     * HTTP status codes after which a retry may succeed: timeout, conflict with a concurrent request, too many
     * requests.
     */
    private static final Set<Integer> PASSING = Set.of(408, 409, 429);

    private Faults() {}

    /** Whether a retry may succeed, because the store or the network failed; false if the store refused the request. */
    static boolean isPassing(Throwable e) {
        if (e instanceof S3Exception answer) {
            return !isFull(answer) && isPassing(answer);
        }
        if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
            return true;
        }
        return !(e instanceof AbortedException) && e instanceof SdkException && causedByIo(e);
    }

    private static boolean isFull(S3Exception answer) {
        return answer.statusCode() == INSUFFICIENT_STORAGE || FULL.contains(code(answer));
    }

    private static boolean isPassing(S3Exception answer) {
        return (answer.statusCode() >= 500 && answer.statusCode() != NOT_IMPLEMENTED)
                || PASSING.contains(answer.statusCode())
                || "RequestTimeout".equals(code(answer))
                || "SlowDown".equals(code(answer));
    }

    private static boolean causedByIo(Throwable e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    static StoreException of(String doing, SdkException e) {
        if (e instanceof S3Exception answer && isFull(answer)) {
            return new StoreFullException(doing + ": the store is full: " + why(e), e);
        }
        return new StoreException(doing + ": " + why(e), e instanceof AbortedException || isPassing(e), e);
    }

    private static String why(SdkException e) {
        if (e instanceof S3Exception answer) {
            String said = answer.awsErrorDetails() == null
                    ? null
                    : answer.awsErrorDetails().errorMessage();
            return "the store answered " + answer.statusCode() + " " + code(answer)
                    + (said == null || said.isBlank() ? "" : ", " + said)
                    + (answer.requestId() == null ? "" : " (request " + answer.requestId() + ")");
        }
        if (e instanceof AbortedException) {
            return "interrupted";
        }
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return e.getCause() == null || cause.getMessage() == null
                ? String.valueOf(e.getMessage())
                : cause.getClass().getSimpleName() + ", " + cause.getMessage();
    }

    private static String code(S3Exception answer) {
        String code = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorCode();
        return code == null ? "" : code;
    }
}
