package dev.precast.protocol;

import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The problem codes of the wire protocol (RFC 9457). */
public enum ProblemCode {
    BAD_REQUEST("The request is malformed"),
    UNAUTHENTICATED("A token is required"),
    FORBIDDEN("The token's roles do not allow this"),
    HOST_REFUSED("The Host header does not name this server"),
    ORIGIN_REFUSED("Requests from pages of other sites are not allowed"),
    NOT_FOUND("The resource does not exist"),
    MODULE_UNKNOWN("The module is not stored"),
    ARTIFACT_UNKNOWN("The artifact does not exist"),
    COMPILATION_UNKNOWN("No request for this key is known"),
    WARMUP_UNKNOWN("The warm-up does not exist"),
    LIST_UNKNOWN("The module list is not stored"),
    STATEMENT_UNKNOWN("No online key has signed that the trust policy is current"),
    METHOD_NOT_ALLOWED("The resource does not support this method"),
    NOT_ACCEPTABLE("The resource is not available in this media type"),
    BODY_TOO_SLOW("The request body arrived too slowly"),
    DIGEST_MISMATCH("The bytes do not have the expected digest"),
    ENGINE_NOT_SERVED("The lane is not registered, or the trust policy refuses the artifact"),
    POLICY_REFUSED("The trust policy is not acceptable"),
    BODY_TOO_LARGE("The request body is too large"),
    MODULE_TOO_LARGE("The module is too large"),
    ANSWER_TOO_LARGE("The answer is too large"),
    UNSUPPORTED_MEDIA_TYPE("The media type of the request body is not supported"),
    RANGE_NOT_SATISFIABLE("The range lies outside the payload or module"),
    NOT_WASM("The bytes are not WebAssembly"),
    MODULE_REJECTED("The module cannot be compiled"),
    TOO_MANY_REQUESTS("Too many concurrent requests"),
    INTERNAL("The server failed"),
    COMPILATION_FAILED("The compilation failed"),
    TOO_MANY_WARMUPS("Too many warm-ups are running"),
    QUEUE_FULL("The queue is full"),
    QUEUE_UNAVAILABLE("The queue does not answer"),
    NO_WORKER("No worker takes requests of the lane now"),
    STORE_UNAVAILABLE("The store does not answer"),
    NO_POLICY("No trust policy is in force"),
    STOPPING("This replica stops"),
    UPSTREAM_UNAVAILABLE("The service behind this edge does not answer"),
    STORE_FULL("The store is full");

    private final String title;

    ProblemCode(String title) {
        this.title = title;
    }

    /** The member {@code title}: for people. */
    public String title() {
        return title;
    }

    /** The member {@code code}: lower case with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The member {@code type}. */
    public String type() {
        return "urn:precast:problem:" + label();
    }

    /** The JSON form of a problem with this code. */
    public JsonObject toJson(int status, String detail) {
        return JsonObject.EMPTY
                .with("type", type())
                .with("title", title)
                .with("status", status)
                .with("detail", detail)
                .with("code", label());
    }

    /** The code with this label; empty if this version does not know the label. */
    public static Optional<ProblemCode> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(code -> code.label().equals(label))
                .findFirst();
    }
}
