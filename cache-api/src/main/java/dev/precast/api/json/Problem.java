package dev.precast.api.json;

import dev.precast.json.JsonObject;
import dev.precast.protocol.ProblemCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Problem details (RFC 9457): the answer to a request that was refused or failed.
 *
 * @param detail explanation for people
 * @param more additional members, by name
 * @param retryAfter time after which a retry may succeed; empty if unknown
 */
public record Problem(ProblemCode code, String detail, Map<String, String> more, Optional<Duration> retryAfter) {
    public static final String MEDIA_TYPE = "application/problem+json";

    public Problem(ProblemCode code, String detail) {
        this(code, detail, Map.of(), delay(code));
    }

    private static Optional<Duration> delay(ProblemCode code) {
        return switch (code) {
            case TOO_MANY_REQUESTS, QUEUE_UNAVAILABLE, STORE_UNAVAILABLE, NO_POLICY ->
                Optional.of(Duration.ofSeconds(5));
            case STOPPING -> Optional.of(Duration.ofSeconds(1));
            case UPSTREAM_UNAVAILABLE -> Optional.of(Duration.ofSeconds(2));
            case QUEUE_FULL -> Optional.of(Duration.ofSeconds(10));
            case NO_WORKER -> Optional.of(Duration.ofSeconds(30));
            case TOO_MANY_WARMUPS -> Optional.of(Duration.ofMinutes(1));
            default -> Optional.empty();
        };
    }

    public int status() {
        return Status.of(code);
    }

    /** The value of {@code Retry-After}: whole seconds, at least one. */
    public Optional<String> retrySeconds() {
        return retryAfter.map(
                delay -> Long.toString(Math.max(1, delay.plusMillis(999).toSeconds())));
    }

    public JsonObject toJson() {
        JsonObject json = code.toJson(status(), detail);
        for (Map.Entry<String, String> member : more.entrySet()) {
            json = json.with(member.getKey(), member.getValue());
        }
        return json;
    }

    public Response.ResponseBuilder response() {
        Response.ResponseBuilder response =
                Response.status(status()).type(MEDIA_TYPE).entity(toJson().canonical());
        retrySeconds().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        if (status() == Response.Status.UNAUTHORIZED.getStatusCode()) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return response;
    }

    public static Response response(ProblemCode code, String detail) {
        return new Problem(code, detail).response().build();
    }
}
