package dev.precast.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The problem codes of the wire protocol (RFC 9457): what can go wrong with a request. */
public enum ProblemCode {
    BAD_REQUEST("The request is malformed"),
    UNAUTHENTICATED("A token is wanted"),
    FORBIDDEN("The token's roles do not allow this"),
    HOST_REFUSED("The host is not this server's"),
    ORIGIN_REFUSED("Another site's page may not ask"),
    NOT_FOUND("There is no such resource"),
    MODULE_UNKNOWN("The module is not stored"),
    ARTIFACT_UNKNOWN("There is no such artifact"),
    COMPILATION_UNKNOWN("Nobody asked for that key"),
    WARMUP_UNKNOWN("There is no such warm-up"),
    LIST_UNKNOWN("The module list is not stored"),
    METHOD_NOT_ALLOWED("The resource has no such method"),
    NOT_ACCEPTABLE("The resource has no such form"),
    BODY_TOO_SLOW("The body came too slowly"),
    DIGEST_MISMATCH("The bytes have another digest"),
    ENGINE_NOT_SERVED("No such lane is registered"),
    POLICY_REFUSED("The trust policy does not count"),
    BODY_TOO_LARGE("The body is too large"),
    MODULE_TOO_LARGE("The module is too large"),
    UNSUPPORTED_MEDIA_TYPE("The body's media type is not taken"),
    RANGE_NOT_SATISFIABLE("The range lies outside"),
    NOT_WASM("The bytes are not WebAssembly"),
    MODULE_REJECTED("The module cannot be compiled"),
    TOO_MANY_REQUESTS("Too many uploads at a time"),
    INTERNAL("The server failed"),
    COMPILATION_FAILED("The compilation failed"),
    TOO_MANY_WARMUPS("Too many warm-ups run"),
    QUEUE_FULL("The queue is full"),
    QUEUE_UNAVAILABLE("The queue does not answer"),
    STORE_UNAVAILABLE("The store does not answer"),
    NO_POLICY("No trust policy is in force"),
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

    /** The code of that label; empty if this version does not know the label. */
    public static Optional<ProblemCode> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(code -> code.label().equals(label))
                .findFirst();
    }
}
