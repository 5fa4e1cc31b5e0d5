package dev.precast.api.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Problem details (RFC 9457). All codes and their status codes stand here.
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

    /** What can go wrong. */
    public enum Code {
        BAD_REQUEST(400, "The request is malformed"),
        UNAUTHENTICATED(401, "A token is wanted"),
        FORBIDDEN(403, "The token's roles do not allow this"),
        HOST_REFUSED(403, "The host is not this server's"),
        ORIGIN_REFUSED(403, "Another site's page may not ask"),
        NOT_FOUND(404, "There is no such resource"),
        MODULE_UNKNOWN(404, "The module is not stored"),
        ARTIFACT_UNKNOWN(404, "There is no such artifact"),
        COMPILATION_UNKNOWN(404, "Nobody asked for that key"),
        WARMUP_UNKNOWN(404, "There is no such warm-up"),
        LIST_UNKNOWN(404, "The module list is not stored"),
        METHOD_NOT_ALLOWED(405, "The resource has no such method"),
        NOT_ACCEPTABLE(406, "The resource has no such form"),
        BODY_TOO_SLOW(408, "The body came too slowly"),
        DIGEST_MISMATCH(409, "The bytes have another digest"),
        ENGINE_NOT_SERVED(409, "No such lane is registered"),
        POLICY_REFUSED(409, "The trust policy does not count"),
        BODY_TOO_LARGE(413, "The body is too large"),
        MODULE_TOO_LARGE(413, "The module is too large"),
        UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not taken"),
        RANGE_NOT_SATISFIABLE(416, "The range lies outside"),
        NOT_WASM(422, "The bytes are not WebAssembly"),
        MODULE_REJECTED(422, "The module cannot be compiled"),
        TOO_MANY_REQUESTS(429, "Too many uploads at a time"),
        INTERNAL(500, "The server failed"),
        COMPILATION_FAILED(503, "The compilation failed"),
        TOO_MANY_WARMUPS(503, "Too many warm-ups run"),
        QUEUE_FULL(503, "The queue is full"),
        QUEUE_UNAVAILABLE(503, "The queue does not answer"),
        STORE_UNAVAILABLE(503, "The store does not answer"),
        NO_POLICY(503, "No trust policy is in force"),
        STORE_FULL(507, "The store is full");

        private final int status;
        private final String title;

        Code(int status, String title) {
            this.status = status;
            this.title = title;
        }

        /** For people. */
        public String title() {
            return title;
        }

        /** As in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public Problem with(String detail) {
            return new Problem("urn:precast:problem:" + label(), title, status, detail, label(), null, null);
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
