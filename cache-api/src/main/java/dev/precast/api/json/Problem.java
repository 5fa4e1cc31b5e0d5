package dev.precast.api.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.protocol.ProblemCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Problem details (RFC 9457), and the status code of each {@link ProblemCode}.
 *
 * @param code short and stable
 * @param rejection code of the rejection, for {@code module-rejected}
 * @param id of the entry in the log, for {@code internal}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String code,
        @Nullable String rejection,
        @Nullable String id) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem code and its status code. */
    public enum Code {
        BAD_REQUEST(400),
        UNAUTHENTICATED(401),
        FORBIDDEN(403),
        HOST_REFUSED(403),
        ORIGIN_REFUSED(403),
        NOT_FOUND(404),
        MODULE_UNKNOWN(404),
        ARTIFACT_UNKNOWN(404),
        COMPILATION_UNKNOWN(404),
        WARMUP_UNKNOWN(404),
        LIST_UNKNOWN(404),
        METHOD_NOT_ALLOWED(405),
        NOT_ACCEPTABLE(406),
        BODY_TOO_SLOW(408),
        DIGEST_MISMATCH(409),
        ENGINE_NOT_SERVED(409),
        POLICY_REFUSED(409),
        BODY_TOO_LARGE(413),
        MODULE_TOO_LARGE(413),
        UNSUPPORTED_MEDIA_TYPE(415),
        RANGE_NOT_SATISFIABLE(416),
        NOT_WASM(422),
        MODULE_REJECTED(422),
        TOO_MANY_REQUESTS(429),
        INTERNAL(500),
        COMPILATION_FAILED(503),
        TOO_MANY_WARMUPS(503),
        QUEUE_FULL(503),
        QUEUE_UNAVAILABLE(503),
        STORE_UNAVAILABLE(503),
        NO_POLICY(503),
        STORE_FULL(507);

        private final int status;
        private final ProblemCode code = ProblemCode.valueOf(name());

        Code(int status) {
            this.status = status;
        }

        /** For people. */
        public String title() {
            return code.title();
        }

        /** As in JSON. */
        public String label() {
            return code.label();
        }

        public Problem with(String detail) {
            return new Problem(code.type(), title(), status, detail, label(), null, null);
        }

        public Response response(String detail) {
            return with(detail).response().build();
        }
    }

    public Problem rejection(String rejectionCode) {
        return new Problem(type, title, status, detail, code, rejectionCode, id);
    }

    public Problem id(String logged) {
        return new Problem(type, title, status, detail, code, rejection, logged);
    }

    public Response.ResponseBuilder response() {
        return Response.status(status).type(MediaType.valueOf(MEDIA_TYPE)).entity(this);
    }

    /** With {@code Retry-After}. */
    public Response retryAfter(Duration delay) {
        return response().header(HttpHeaders.RETRY_AFTER, seconds(delay)).build();
    }

    /** As {@code Retry-After} has it: in whole seconds and at least one. */
    public static long seconds(Duration delay) {
        return Math.max(1, delay.plusMillis(999).toSeconds());
    }
}
